import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inspectSqlite } from "#storage/sqlite/inspect-sqlite";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import { compareWithMemory } from "./compare-with-memory.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`SQLite answers as memory does, seed ${seed}`, async () => {
    const closesAtOnce = seed % 3;
    const done = await compareWithMemory({
      seed,
      calls: 2500,
      closesAtOnce,
      open: async (clock) => {
        const sqlite = new SqliteStorage(join(folder, "engine.db"), { clock, closesAtOnce, synchronous: "NORMAL" });
        await sqlite.open();
        return sqlite;
      },
      dump: ({ path }) => inspectSqlite(path),
    });
    expect(done.size).toBeGreaterThan(24);
  });
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { inspectSqlite } from "#storage/sqlite/inspect-sqlite";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import { testStorage } from "#storage/testkit/test-storage";

const folder = mkdtempSync(join(tmpdir(), "avtomatika-conformance-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

testStorage({
  name: "sqlite",
  open: async ({ clock }) => {
    files += 1;
    // NORMAL: the suite asks what is stored, not whether it outlives a power loss.
    const storage = new SqliteStorage(join(folder, `${files}.db`), { clock, synchronous: "NORMAL" });
    await storage.open();
    return storage;
  },
  dump: (storage) => inspectSqlite(storage.path),
  describe,
  test,
});

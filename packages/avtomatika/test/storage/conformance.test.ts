import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { inspectSqlite } from "#storage/sqlite/inspect-sqlite";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import type { Storage } from "#storage/storage";
import { dumpMemory } from "#storage/testkit/dump";
import { type StorageSuite, testStorage } from "#storage/testkit/test-storage";
import { OwnRedis, ownCluster } from "./redis/own-redis.ts";

/** How many checks of the suite each store went through. */
const passed = new Map<string, number>();

/** Where a suite's store comes from, and what an audit reads of it; called where its tests stand, for hooks of their own. */
type Source<Store extends Storage> = () => Pick<StorageSuite<Store>, "open" | "dump">;

function conforms<Store extends Storage>(name: string, source: Source<Store>): void {
  passed.set(name, 0);
  describe(name, () => {
    testStorage({
      name,
      ...source(),
      describe: (_name, body) => body(),
      test: (title, body) => {
        test(title, async () => {
          await body();
          passed.set(name, (passed.get(name) ?? 0) + 1);
        });
      },
    });
  });
}

for (const shards of [1, 3]) {
  conforms(`memory with ${shards} shard(s)`, () => ({
    open: async ({ clock }) => {
      const storage = new MemoryStorage({ clock, shards });
      await storage.open();
      return storage;
    },
    dump: dumpMemory,
  }));
}

conforms("sqlite", () => {
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-conformance-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  return {
    open: async ({ clock }) => {
      files += 1;
      // NORMAL: the suite asks what is stored, not whether it outlives a power loss.
      const storage = new SqliteStorage(join(folder, `${files}.db`), { clock, synchronous: "NORMAL" });
      await storage.open();
      return storage;
    },
    dump: (storage) => inspectSqlite(storage.path),
  };
});

conforms("one redis", () => {
  const redis = new OwnRedis();
  return { open: ({ clock }) => redis.openEmpty({ clock }), dump: (storage) => storage.inspect() };
});

describe("redis cluster", () => {
  const openEmpty = ownCluster();
  // Sixteen shards are in three servers: a script that touched two of them would be refused.
  for (const shards of [1, 16]) {
    conforms(`redis cluster with ${shards} shard(s)`, () => ({
      open: ({ clock }) => openEmpty({ clock, shards }),
      dump: (storage) => storage.inspect(),
    }));
  }
});

test("no store is spared a check", () => {
  const [most] = [...passed.values()].sort((a, b) => b - a);
  expect(most).toBeGreaterThan(300);
  expect(Object.fromEntries(passed)).toEqual(Object.fromEntries([...passed.keys()].map((name) => [name, most])));
});

import { afterAll, beforeAll, describe, test } from "vitest";
import { RedisStorage } from "#storage/redis/redis-storage";
import { testStorage } from "#storage/testkit/test-storage";
import { type RedisCluster, startCluster } from "./redis-cluster.ts";

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster();
}, 60_000);
afterAll(() => cluster.stop());

// Sixteen shards are in three servers: a script that touched two of them would be refused.
testStorage({
  name: "redis cluster with 16 shards",
  open: async ({ clock }) => {
    await cluster.flush();
    const storage = new RedisStorage(cluster.url, { clock, shards: 16, cluster: cluster.isCluster, warn: () => {} });
    await storage.open();
    return storage;
  },
  dump: (storage) => storage.inspect(),
  describe,
  test,
});

import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, test } from "vitest";
import { RedisStorage } from "#storage/redis/redis-storage";
import { testStorage } from "#storage/testkit/test-storage";
import { type RedisServer, startRedis } from "./redis-server.ts";

let server: RedisServer;
let admin: ReturnType<typeof createClient>;
beforeAll(async () => {
  server = await startRedis();
  admin = createClient({ url: server.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.close();
  await server.stop();
});

testStorage({
  name: "redis",
  open: async ({ clock }) => {
    await admin.flushAll();
    const storage = new RedisStorage(server.url, { clock, warn: () => {} });
    await storage.open();
    return storage;
  },
  dump: (storage) => storage.inspect(),
  describe,
  test,
});

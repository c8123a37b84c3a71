import { createClient } from "@redis/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packAll } from "#storage/redis/codec";
import { bellChannel } from "#storage/redis/keys";
import { RedisStorage } from "#storage/redis/redis-storage";
import { compareWithMemory } from "../compare-with-memory.ts";
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

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`Redis answers as memory does, seed ${seed}`, async () => {
    await admin.flushAll();
    const closesAtOnce = seed % 3;
    const done = await compareWithMemory({
      seed,
      calls: 2500,
      closesAtOnce,
      open: async (clock) => {
        const redis = new RedisStorage(server.url, { clock, closesAtOnce, warn: () => {} });
        await redis.open();
        return redis;
      },
      dump: (redis) => redis.inspect(),
      heard: ringAndWait,
    });
    expect(done.size).toBeGreaterThan(24);
  });
}

/** Bells come in the order in which they were rung: whoever hears this message has heard those before it. */
async function ringAndWait(redis: RedisStorage): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    const stop = redis.listen((bell) => {
      if (bell.kind !== "workers" || bell.version !== -1) return;
      stop();
      resolve();
    });
  });
  await admin.sPublish(bellChannel(0, 0), packAll([{ kind: "workers", version: -1 }]));
  await heard;
}

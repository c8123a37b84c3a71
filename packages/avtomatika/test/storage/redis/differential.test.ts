import { expect, test } from "vitest";
import { packAll } from "#storage/redis/codec";
import { bellChannel } from "#storage/redis/keys";
import type { RedisStorage } from "#storage/redis/redis-storage";
import { compareWithMemory } from "../compare-with-memory.ts";
import { OwnRedis } from "./own-redis.ts";

const server = new OwnRedis();

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`Redis answers as memory does, seed ${seed}`, async () => {
    const done = await compareWithMemory({
      seed,
      calls: 2500,
      open: (clock) => server.openEmpty({ clock }),
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
  await server.ask("SPUBLISH", bellChannel(0, 0), packAll([{ kind: "workers", version: -1 }]));
  await heard;
}

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jobIdIn } from "#core/job-id";
import { RedisStorage } from "#storage/redis/redis-storage";
import { newJob, succeeded } from "#storage/testkit/builders";
import { Kit } from "#storage/testkit/kit";
import { awaitTask, end } from "#storage/testkit/steps";
import { askRedis, nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

let server: RedisServer;
let admin: Awaited<ReturnType<typeof askRedis>>;
beforeAll(async () => {
  server = await startRedis();
  admin = await askRedis(server.url);
});
afterAll(async () => {
  admin.close();
  await server.stop();
});

async function usedMemory(): Promise<number> {
  return Number(/^used_memory_dataset:(\d+)/m.exec(String(await admin.ask("INFO", "memory")))?.[1]);
}

/** What a store keeps without a job: who it is, its lanes, the standings of its workers. */
const lasting = new Set(["meta", "lanes", "lane", "laneEmpty", "standing", "standingDays"]);

test.skipIf(nativeServer === null)("after jobs are gone the memory is what it was, and so are the keys", async () => {
  const storage = new RedisStorage(server.url, { warn: () => {} });
  await storage.open();
  const kit = new Kit(storage, Date.now());
  const run = async (count: number) => {
    const base = await usedMemory();
    const initial = { ...newJob("").initial, initialData: { text: "x".repeat(180) } };
    for (let n = 0; n < count; n++) {
      const job = newJob(jobIdIn(randomUUID(), 0), { initial });
      await storage.createJobs({ shard: 0, jobs: [{ job, dedup: null }], lease: null });
      const { jobs } = await kit.claim({ limit: 1 });
      for (const leased of jobs) await kit.commit(leased.job, awaitTask(leased.job));
    }
    const waiting = ((await usedMemory()) - base) / count;
    for (let done = 0; done < count; done += 50)
      await kit.settle(...(await kit.take(50)).map((task) => succeeded(task)));
    for (let left = count; left > 0; ) {
      const { jobs } = await kit.claim({ limit: 50 });
      expect(jobs.length).toBeGreaterThan(0);
      for (const { job } of jobs) await kit.commit(job, end(kit.now, kit.now - 1));
      left -= jobs.length;
    }
    while ((await storage.purge({ shard: 0, limit: 1000 })).more);
    return { waiting, left: async () => ((await usedMemory()) - base) / count };
  };
  // Scripts, lanes and tables that grow once are there after the first round.
  await run(200);
  const { waiting, left } = await run(1000);
  expect(waiting).toBeGreaterThan(500);
  // Tables shrink when the server finds time.
  await expect.poll(async () => Math.abs(await left()), { timeout: 20_000 }).toBeLessThan(waiting / 20);
  const kinds = ((await admin.ask("KEYS", "*")) as string[]).map((key) => /^\{av:0\}:(\w+)/.exec(key)?.[1] ?? key);
  expect(kinds.filter((kind) => !lasting.has(kind))).toEqual([]);
  await storage.close();
});

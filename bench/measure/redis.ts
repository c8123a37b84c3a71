// How long a script holds the Redis server: a fan-out of 100,000 branches from its creation to its removal, and lives of
// single tasks among 100,000 jobs. It is the processor's time of the server's main thread: what other processes take
// from it on a busy machine doesn't count.
import { parseArgs } from "node:util";
import type { Storage } from "avtomatika/internal/storage/storage";
import { newJob, succeeded, taskItems } from "avtomatika/internal/storage/testkit/builders";
import { Kit } from "avtomatika/internal/storage/testkit/kit";
import { awaitBranches, awaitTask, end } from "avtomatika/internal/storage/testkit/steps";
import { type StorageCall, wrapCalls } from "avtomatika/internal/storage/wrap/wrap-calls";
import { RedisStorage } from "avtomatika/redis";
import { askRedis, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { Goals, printTable, quantile } from "../support/table.ts";

/** No call may hold the server longer, in milliseconds. */
const longestMs = 20;

export async function redis(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { branches: { type: "string", default: "100000" } } });
  const goals = new Goals();
  const server = await startRedis();
  const { ask, close } = await askRedis(server.url);
  const times = new Map<StorageCall, number[]>();
  const storage = new RedisStorage(server.url, { warn: () => {} });
  await storage.open();
  const timed = wrapCalls(storage, async ({ method, pass }) => {
    const before = await spent(ask);
    const reply = await pass();
    const after = await spent(ask);
    const scripts = Math.max(after.scripts - before.scripts, 1);
    times.set(method, [...(times.get(method) ?? []), (after.ms - before.ms) / scripts]);
    return reply;
  });
  const kit = new Kit(timed, Date.now());
  const usedBefore = await usedBytes(ask);
  const crowded = await crowd(kit, storage);
  await fanOut(kit, Number(values.branches));
  await lives(kit, 300);
  await endAll(kit, storage, crowded);
  const rows = [...times].map(([method, own]) => {
    const longest = Math.max(...own);
    goals.atMost(`${method}: longest script, ms`, longest, longestMs);
    return [method, own.length, quantile(own, 0.5), quantile(own, 0.99), longest];
  });
  printTable(["call", "calls", "median ms", "p99 ms", "longest ms"], rows);
  const usedAfter = await usedBytes(ask);
  goals.atMost("memory after the purge, MB more than before", (usedAfter - usedBefore) / 2 ** 20, 3);
  console.log(`redis: ${values.branches} branches, ${goals.summary}`);
  await storage.close();
  close();
  await server.stop();
}

/** Jobs of which nobody knows the blueprint yet; every tenth call is measured. */
async function crowd(kit: Kit, storage: Storage): Promise<string[]> {
  const ids: string[] = [];
  for (let part = 0; part < 100; part++) {
    const jobs = Array.from({ length: 1000 }, () => ({ job: newJob(kit.id(), { blueprint: "later" }), dedup: null }));
    ids.push(...jobs.map(({ job }) => job.id));
    await (part % 10 === 0 ? kit.storage : storage).createJobs({ shard: 0, jobs, lease: null });
  }
  const all = { shard: 0, owner: null, status: null, withoutDiscarded: false, before: null, limit: 100 };
  for (let n = 0; n < 20; n++) await kit.storage.listJobs({ ...all, blueprint: null });
  await kit.storage.listJobs({ ...all, blueprint: "nowhere" });
  await kit.storage.countJobs({ shard: 0, owner: "alice" });
  return ids;
}

async function fanOut(kit: Kit, count: number): Promise<void> {
  const job = await kit.start();
  const claim = job.lease?.claim ?? "";
  for (let start = 0; start < count; start += 500) {
    const items = { wait: 1, group: 0, start, items: taskItems(500, start) };
    await kit.storage.stage({ jobId: job.id, claim, once: null, items });
  }
  await kit.commit(job, awaitBranches(job, [{ count, items: null }]));
  for (let done = 0; done < count; done += 50) await kit.settle(...(await kit.take(50)).map((task) => succeeded(task)));
  const { job: woken } = await kit.claimOne();
  for (let from: number | null = 0; from !== null; ) {
    ({ next: from } = await kit.storage.readResults({ jobId: job.id, wait: 1, from, limit: 1000 }));
  }
  await kit.commit(woken, end(kit.now, kit.now - 1));
}

async function lives(kit: Kit, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job));
    await kit.apply(succeeded(await kit.takeOne()));
    const { job: woken } = await kit.claimOne();
    await kit.details(job.id);
    await kit.commit(woken, end(kit.now, kit.now - 1));
  }
}

/** Leases and ends the crowd, and removes everything. */
async function endAll(kit: Kit, storage: Storage, ids: string[]): Promise<void> {
  const quiet = new Kit(storage, kit.now);
  for (let ended = 0; ended < ids.length; ) {
    const { jobs } = await kit.claim({ blueprints: ["later"], limit: 100 });
    await Promise.all(jobs.map(({ job }) => quiet.commit(job, end(kit.now, kit.now - 1))));
    ended += jobs.length;
  }
  for (let more = true; more; ) ({ more } = await kit.storage.purge({ shard: 0, limit: 1000 }));
}

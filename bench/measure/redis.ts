// How long a script holds the Redis server: fan-outs of 100,000 branches from their creation to their removal or their
// cancel, joins and cancels with thousands of branches at workers, and lives of single tasks among 100,000 jobs. It is
// told as the server's slow log has it, and as processor time of the server's main thread: what other processes take
// from it on a busy machine is in the first alone.
import { parseArgs } from "node:util";
import type { Storage } from "avtomatika/internal/storage/storage";
import { newJob, succeeded, taskItems } from "avtomatika/internal/storage/testkit/builders";
import { Kit } from "avtomatika/internal/storage/testkit/kit";
import { awaitBranches, awaitTask, end } from "avtomatika/internal/storage/testkit/steps";
import { wrapCalls } from "avtomatika/internal/storage/wrap/wrap-calls";
import { RedisStorage } from "avtomatika/redis";
import { startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { RedisWatch } from "../support/redis-watch.ts";
import { Goals, printTable, quantile, requireSome } from "../support/table.ts";

/** No script may hold the server longer, in milliseconds. */
const longestMs = 20;

interface Times {
  cpuMs: number[];
  /** The longest script of each call. */
  slowMs: number[];
}

type Job = Awaited<ReturnType<Kit["start"]>>;

export async function redis(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { branches: { type: "string", default: "100000" }, out: { type: "string", default: "10000" } },
  });
  const [branches, out] = [Number(values.branches), Number(values.out)];
  const goals = new Goals();
  const server = await startRedis();
  const watch = await RedisWatch.open(server.url);
  await watch.keepSlow(0);
  const times = new Map<string, Times>();
  let phase = "";
  const storage = new RedisStorage(server.url, { warn: () => {} });
  await storage.open();
  const timed = wrapCalls(storage, async ({ method, pass }) => {
    const before = await watch.figures();
    await watch.ask("SLOWLOG", "RESET");
    const reply = await pass();
    const slowest = Math.max(0, ...(await watch.slow()).map(({ ms }) => ms));
    const after = await watch.figures();
    const scripts = Math.max(after.scripts - before.scripts, 1);
    const own = times.get(`${phase}: ${method}`) ?? { cpuMs: [], slowMs: [] };
    times.set(`${phase}: ${method}`, own);
    own.cpuMs.push((after.cpuMs - before.cpuMs) / scripts);
    own.slowMs.push(slowest);
    return reply;
  });
  const kit = new Kit(timed, Date.now());
  const usedBefore = await watch.usedBytes();
  phase = "100,000 jobs";
  const crowded = await crowd(kit, storage);
  const named = (count: number): string => count.toLocaleString("en");
  phase = `join of ${named(branches)}`;
  await join(kit, branches);
  phase = `cancel of ${named(branches)}`;
  await cancel(kit, await fanOut(kit, branches));
  phase = `any of ${named(out)} at workers`;
  await decide(kit, out);
  phase = `cancel of ${named(out)} at workers`;
  const job = await fanOut(kit, out);
  await takeAll(kit, out);
  await cancel(kit, job);
  phase = "single tasks";
  await lives(kit, 300);
  phase = "removal";
  await endAll(kit, storage, crowded);
  report(times, goals);
  goals.atMost("memory after the purge, MB more than before", ((await watch.usedBytes()) - usedBefore) / 2 ** 20, 3);
  const calls = [...times.values()].reduce((sum, { cpuMs }) => sum + cpuMs.length, 0);
  console.log(`redis: ${calls} calls, ${values.branches} branches, ${goals.summary}`);
  await storage.close();
  watch.close();
  await server.stop();
}

function report(times: ReadonlyMap<string, Times>, goals: Goals): void {
  const rows = [...times].map(([name, { cpuMs, slowMs }]) => [
    ...[name, cpuMs.length, quantile(cpuMs, 0.5), quantile(cpuMs, 0.99), longest(cpuMs), longest(slowMs)],
  ]);
  printTable(["call", "calls", "CPU median ms", "p99 ms", "longest ms", "slow log, longest ms"], rows);
  const phases = Map.groupBy(times, ([name]) => name.split(":")[0]);
  for (const [phase, calls] of phases) {
    const [name, { cpuMs }] = longestOf(calls, "cpuMs");
    goals.atMost(`${phase}: longest script, CPU ms (${name.split(": ")[1]})`, longest(cpuMs), longestMs);
  }
  const [name, { slowMs }] = longestOf(times, "slowMs");
  goals.atMost(`longest script in the slow log, ms (${name})`, longest(slowMs), longestMs);
}

function longest(all: readonly number[]): number {
  return Math.max(...all);
}

function longestOf(calls: Iterable<[string, Times]>, by: keyof Times): [name: string, times: Times] {
  return [...calls].reduce((a, b) => (longest(b[1][by]) > longest(a[1][by]) ? b : a));
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

/** The job that waits for its branches. */
async function fanOut(kit: Kit, count: number, policy: "all" | "any" = "all"): Promise<Job> {
  const job = await kit.start();
  const claim = job.lease?.claim ?? "";
  for (let start = 0; start < count; start += 500) {
    const items = { wait: 1, group: 0, start, items: taskItems(Math.min(500, count - start), start) };
    await kit.storage.stage({ jobId: job.id, claim, once: null, items });
  }
  return kit.commit(job, awaitBranches(job, [{ count, items: null }], policy));
}

async function join(kit: Kit, count: number): Promise<void> {
  const job = await fanOut(kit, count);
  for (let done = 0; done < count; done += 50) await kit.settle(...(await kit.take(50)).map((task) => succeeded(task)));
  const { job: woken } = await kit.claimOne();
  let results = 0;
  for (let from: number | null = 0; from !== null; ) {
    const page = await kit.storage.readResults({ jobId: job.id, wait: 1, from, limit: 1000 });
    results += page.results.length;
    from = page.next;
  }
  requireSome("results of a join", results, count);
  await kit.commit(woken, end(kit.now, kit.now - 1));
}

/** Every branch is at a worker. */
async function takeAll(kit: Kit, count: number) {
  const tasks = [];
  for (let taken = 0; taken < count; taken += 50) {
    tasks.push(...(await kit.take(50, { worker: `w${taken / 1000}`, capacity: 1000 })));
  }
  return tasks;
}

/** The first success decides, while all others are at workers. */
async function decide(kit: Kit, count: number): Promise<void> {
  await fanOut(kit, count, "any");
  const [first] = await takeAll(kit, count);
  if (first === undefined) throw new Error("no branch was handed out");
  await kit.apply(succeeded(first));
  await finish(kit);
}

async function cancel(kit: Kit, job: Job): Promise<void> {
  const { outcome } = await kit.storage.cancelJob({ jobId: job.id, id: `cancel:${job.id}`, lease: null });
  if (outcome !== "accepted") throw new Error(`the cancel of a fan-out is ${outcome}`);
  await finish(kit);
}

/** The one job that is ready ends. */
async function finish(kit: Kit): Promise<void> {
  const { job } = await kit.claimOne();
  await kit.commit(job, end(kit.now, kit.now - 1, job.cancel === null ? "finished" : "cancelled"));
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
    const { jobs } = await kit.claim({ blueprints: ["later"], limit: 50 });
    await Promise.all(jobs.map(({ job }) => quiet.commit(job, end(kit.now, kit.now - 1))));
    ended += jobs.length;
  }
  for (let more = true; more; ) ({ more } = await kit.storage.purge({ shard: 0, limit: 1000 }));
}

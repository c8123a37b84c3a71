// Fan-outs of 100 to 100,000 branches: what a branch costs may not grow with their number, and the engine stays awake.
import { parseArgs } from "node:util";
import { type EngineFigures, EngineProcess, type StoreName } from "../support/engine.ts";
import { Goals, printTable, quantile, requireSome } from "../support/table.ts";
import { Workers } from "../support/workers.ts";

interface Run extends EngineFigures {
  branches: number;
  seconds: number;
}
interface Result {
  store: StoreName;
  branches: number;
  calls: number;
  bytes: number;
  disk: number;
  ms: number;
  /** The longest of all runs. */
  blocked: number;
  withOthers: number;
  handler: number;
  peak: number;
}

/** So many runs of each size: small ones are over before the machine is warm. */
const repeats = new Map([
  [100, 30],
  [10_000, 4],
  [100_000, 1],
]);

export async function fanout(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      storage: { type: "string", default: "memory,sqlite" },
      sizes: { type: "string", default: "100,10000,100000" },
    },
  });
  const sizes = values.sizes.split(",").map(Number);
  const goals = new Goals();
  const results: Result[] = [];
  for (const store of values.storage.split(",") as StoreName[]) {
    const own = await measureStore(store, sizes);
    results.push(...own);
    judge(store, own, goals);
  }
  printTable(
    [
      "store",
      "branches",
      "calls/branch",
      "bytes/branch",
      "disk/branch",
      "ms/branch",
      "blocked ms",
      "with others",
      "handler ms",
      "peak MB",
    ],
    results.map((r) => [
      r.store,
      r.branches,
      r.calls,
      r.bytes,
      r.disk,
      r.ms,
      r.blocked,
      r.withOthers,
      r.handler,
      r.peak,
    ]),
  );
  console.log(`fanout: ${results.length} sizes joined once each run, ${goals.summary}`);
}

async function measureStore(store: StoreName, sizes: readonly number[]): Promise<Result[]> {
  const engine = await EngineProcess.start(store, { trace: "bytes" });
  const workers = await Workers.start({ address: engine.address, workers: 2, limit: 50, inTurn: false });
  // The code is warm before anything is measured.
  await runOnce(engine, 5000);
  const results: Result[] = [];
  for (const branches of sizes) {
    const runs: Run[] = [];
    for (let n = 0; n < (repeats.get(branches) ?? 1); n++) runs.push(await runOnce(engine, branches));
    results.push(summarise(store, branches, runs));
  }
  await workers.stop();
  await engine.stop();
  return results;
}

async function runOnce(engine: EngineProcess, branches: number): Promise<Run> {
  const client = engine.client();
  await engine.reset();
  const begun = performance.now();
  const { job_id: id } = await client.json<{ job_id: string }>("POST", "/api/v1/fanout", { branches });
  let status = "";
  while (status !== "finished") {
    ({ status } = await client.json<{ status: string }>("GET", `/api/v1/jobs/${id}?wait=60&fields=status`));
    if (status === "failed" || status === "quarantined") throw new Error(`a fan-out of ${branches} is ${status}`);
  }
  const seconds = (performance.now() - begun) / 1000;
  const figures = await engine.figures();
  client.close();
  if (figures.aggregations !== 1) throw new Error(`a fan-out of ${branches} joined ${figures.aggregations} times`);
  requireSome("branches in the aggregation", figures.branches, branches);
  return { ...figures, branches, seconds };
}

function summarise(store: StoreName, branches: number, runs: readonly Run[]): Result {
  const median = (read: (run: Run) => number) => quantile(runs.map(read), 0.5);
  return {
    store,
    branches,
    calls: median((run) => callsOf(run)) / branches,
    bytes: median((run) => run.bytes) / branches,
    disk: median((run) => run.diskBytes) / branches,
    ms: (median((run) => run.seconds) * 1000) / branches,
    blocked: Math.max(...runs.map((run) => run.loop.longestMs)),
    withOthers: Math.max(...runs.map((run) => run.loop.withOthersMs)),
    handler: median((run) => run.handlerMs),
    peak: Math.max(...runs.map((run) => run.peakBytes)) / 1e6,
  };
}

function callsOf({ calls }: Run): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

function judge(store: StoreName, results: readonly Result[], goals: Goals): void {
  const small = results[0] as Result;
  const large = results.at(-1) as Result;
  goals.atMost(`${store}: calls per branch, of those at ${small.branches}`, large.calls / small.calls, 1.1);
  goals.atMost(`${store}: bytes per branch, of those at ${small.branches}`, large.bytes / small.bytes, 1.1);
  if (small.disk > 0)
    goals.atMost(`${store}: disk per branch, of that at ${small.branches}`, large.disk / small.disk, 1.1);
  goals.atMost(`${store}: time per branch, of that at ${small.branches}`, large.ms / small.ms, 1.5);
  goals.atMost(`${store}: longest block of the loop in ms`, Math.max(...results.map((one) => one.blocked)), 100);
}

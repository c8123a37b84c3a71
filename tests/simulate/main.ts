// npm run test:simulate -- [--seeds N] [--first N] [--seed S] [--storage memory|redis]: the engine in simulated time.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { readStorage } from "../support/read-storage.ts";
import { RedisReplay } from "./redis-replay.ts";
import type { ThreadOptions } from "./seed-thread.ts";
import { type SeedReport, simulate } from "./simulation.ts";
import { expected, Tally } from "./tally.ts";

/** Seeds per message to a thread: large enough to cost nothing, small enough to end soon after a violation. */
const portion = 20;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string" },
    first: { type: "string", default: "1" },
    storage: { type: "string", default: "memory" },
  },
});
const storage = readStorage(values.storage, ["memory", "redis"]);
// The engines run on memory; with Redis their calls are made there a second time, and it has to answer the same.
const redis = storage === "redis" ? await startRedis() : null;
const about = redis === null ? "" : `storage ${storage}, `;
try {
  if (values.seed === undefined) await runSeeds(Number(values.first), Number(values.seeds));
  else await runSeed(Number(values.seed));
} finally {
  await redis?.stop();
}

async function runSeeds(first: number, seeds: number): Promise<void> {
  const begun = performance.now();
  const tally = new Tally(expected);
  const total = { seeds: 0, steps: 0, calls: 0, least: Number.POSITIVE_INFINITY };
  let next = first;
  let failed: SeedReport | null = null;
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(seeds / portion)));
  await Promise.all(
    Array.from({ length: threads }, async (_, database) => {
      const workerData: ThreadOptions = { redis: redis === null ? null : { url: redis.url, database } };
      const thread = new Worker(new URL("./seed-thread.ts", import.meta.url), { workerData });
      while (next < first + seeds && failed === null) {
        const from = next;
        const to = Math.min(from + portion, first + seeds);
        next = to;
        const reports = await ask(thread, { from, to });
        for (const report of reports) {
          total.seeds += 1;
          total.steps += report.steps;
          total.calls += report.calls;
          total.least = Math.min(total.least, report.calls);
          tally.merge(report.counts);
          if (isBad(report) && (failed === null || report.seed < failed.seed)) failed = report;
        }
      }
      await thread.terminate();
    }),
  );
  printTable(tally);
  const faults = [...tally.counts]
    .filter(([name]) => name.startsWith("fault "))
    .reduce((sum, [, count]) => sum + count, 0);
  const report = failed as SeedReport | null;
  if (report !== null) printFaults(report);
  const missing = seeds >= 1000 ? tally.missing() : [];
  if (missing.length > 0) console.log(`never occurred: ${missing.join(", ")}`);
  if (report === null && total.least < 200) console.log(`a seed made only ${total.least} store calls`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `simulate: ${about}seeds ${total.seeds}, steps ${total.steps}, store calls ${total.calls}, faults ${faults}, ${verdict(report)}, seconds ${seconds}`,
  );
  if (report !== null || missing.length > 0 || total.least < 200) process.exitCode = 1;
}

function ask(thread: Worker, range: { from: number; to: number }): Promise<SeedReport[]> {
  return new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.once("message", (reports: SeedReport[]) => {
      thread.off("error", reject);
      resolve(reports);
    });
    thread.postMessage(range);
  });
}

async function runSeed(seed: number): Promise<void> {
  const other = redis === null ? null : await RedisReplay.connect(redis.url, 0);
  const report = await simulate(seed, {
    trace: (line) => console.log(line),
    ...(other === null ? {} : { replay: (recording) => other.run(recording) }),
  });
  other?.close();
  printFaults(report);
  console.log(`simulate: ${about}seed ${seed}, steps ${report.steps}, store calls ${report.calls}, ${verdict(report)}`);
  if (isBad(report)) process.exitCode = 1;
}

function isBad({ violations, differences }: SeedReport): boolean {
  return violations.length + differences.length > 0;
}

function printFaults({ seed, violations, differences }: SeedReport): void {
  for (const fault of [...violations, ...differences]) console.log(`seed ${seed}: ${fault}`);
}

function verdict(report: SeedReport | null): string {
  const differences = redis === null ? "" : `differences ${report?.differences.length ?? 0}, `;
  return `${differences}violations ${report?.violations.length ?? 0}`;
}

function printTable(tally: Tally): void {
  const rows = [...tally.counts].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let at = 0; at < rows.length; at += 3) {
    console.log(
      rows
        .slice(at, at + 3)
        .map(([name, count]) => `${name.padEnd(36)}${String(count).padStart(9)}`)
        .join("   "),
    );
  }
}

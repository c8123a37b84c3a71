import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { type SeedReport, simulate } from "./simulation.ts";
import { expected, Tally } from "./tally.ts";

/** Seeds per message to a thread: large enough to cost nothing, small enough to end soon after a violation. */
const portion = 20;

if (isMainThread) await main();
else await work();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      seed: { type: "string" },
      first: { type: "string", default: "1" },
    },
  });
  if (values.seed !== undefined) return replay(Number(values.seed));
  const begun = performance.now();
  const seeds = Number(values.seeds);
  const first = Number(values.first);
  const tally = new Tally(expected);
  const total = { seeds: 0, steps: 0, calls: 0, least: Number.POSITIVE_INFINITY };
  let next = first;
  let failed: SeedReport | null = null;
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(seeds / portion)));
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const thread = new Worker(new URL(import.meta.url));
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
          if (report.violations.length > 0 && (failed === null || report.seed < failed.seed)) failed = report;
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
  for (const violation of report?.violations ?? []) console.log(`seed ${report?.seed}: ${violation}`);
  const missing = seeds >= 1000 ? tally.missing() : [];
  if (missing.length > 0) console.log(`never occurred: ${missing.join(", ")}`);
  if (report === null && total.least < 200) console.log(`a seed made only ${total.least} store calls`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `simulate: seeds ${total.seeds}, steps ${total.steps}, store calls ${total.calls}, faults ${faults}, violations ${report?.violations.length ?? 0}, seconds ${seconds}`,
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

async function work(): Promise<void> {
  parentPort?.on("message", (range: { from: number; to: number }) => {
    void (async () => {
      const reports: SeedReport[] = [];
      for (let seed = range.from; seed < range.to; seed++) {
        reports.push(await simulate(seed));
        if ((reports.at(-1) as SeedReport).violations.length > 0) break;
      }
      parentPort?.postMessage(reports);
    })();
  });
}

async function replay(seed: number): Promise<void> {
  const report = await simulate(seed, (line) => console.log(line));
  for (const violation of report.violations) console.log(`seed ${seed}: ${violation}`);
  console.log(
    `simulate: seed ${seed}, steps ${report.steps}, store calls ${report.calls}, violations ${report.violations.length}`,
  );
  if (report.violations.length > 0) process.exitCode = 1;
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

// npm run test:storm -- [--kills N] [--workers N] [--seed S]: both SDKs against an engine that is killed and networks that fail.
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { judgeJobs, judgeRegistrations } from "./judge.ts";
import { readLedgers } from "./ledger.ts";
import type { Execution, Registration } from "./setup.ts";
import { Storm } from "./storm.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    workers: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
const [kills, workers, seed] = [Number(values.kills), Number(values.workers), Number(values.seed)];
/** A worker asks at most so often in a second while there is nothing. */
const mostIdlePolls = 10;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
const begun = performance.now();
const folder = mkdtempSync(join(tmpdir(), "avtomatika-storm-"));
const tokens = { clientToken: randomUUID(), workerToken: randomUUID() };
const storm = await Storm.prepare({ kills, workers, seed, folder, ...tokens });
const problems: string[] = [];
try {
  await storm.run();
} catch (error) {
  problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

const printed = readFileSync(join(folder, "printed.log"), "utf8");
if (printed !== "") problems.push(`the processes printed: ${printed.slice(0, 3000)}`);
const executions = readLedgers<Execution>(folder, "executions");
const { lost, doubled } = judgeJobs(storm.load.ended, executions);
const { named, unnamed } = judgeRegistrations(readLedgers<Registration>(folder, "registrations"), executions);
const watches = storm.networks.map(({ watch }) => watch);
const resent = watches.reduce((sum, watch) => sum + watch.resent, 0);
const idlePolls = Math.max(...watches.map((watch) => watch.mostIdlePolls()));
if (idlePolls > mostIdlePolls) problems.push(`a worker polled ${idlePolls} times within a second and got nothing`);
problems.push(...lost, ...doubled, ...unnamed);

storm.tally.add("task named by a registration", named);
storm.tally.add("result sent again", resent);
storm.tally.add(
  "attempt that failed",
  executions.filter(({ kind }) => kind === "began").length - executions.filter(({ kind }) => kind === "ended").length,
);
console.log([...storm.tally.counts].map(([name, count]) => `${name} ${count}`).join(", "));
// In a few kills not everything can occur.
const missing = kills < 20 ? [] : storm.tally.missing();
if (missing.length > 0) problems.push(`never occurred: ${missing.join(", ")}`);
if (storm.load.ended.length === 0 || storm.weather.cuts === 0 || resent === 0) problems.push("there was no storm");
for (const problem of problems.slice(0, 40)) console.log(problem);
if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
else console.log(`the store and the ledgers are kept in ${folder}`);

const count = executions.filter(({ kind }) => kind === "began").length;
console.log(`storm: ${((performance.now() - begun) / 1000).toFixed(0)} s in all`);
console.log(
  `storm: kills ${storm.kills}, cuts ${storm.weather.cuts}, workers ${workers}, jobs ${storm.load.ended.length}, executions ${count}, resent ${resent}, lost ${lost.length}, doubled ${doubled.length}, idle polls per second at most ${idlePolls}, seed ${seed}`,
);
process.exit(problems.length === 0 ? 0 : 1);

// npm run test:chaos -- [--quick | --minutes N] [--seed S] [--fault NAME]: engines, workers and Redis killed and stopped, networks broken.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nativeServer } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { DumpCheck } from "../kill/check-dump.ts";
import { checkEnd } from "../kill/check-end.ts";
import { JournalReader } from "../kill/journal.ts";
import { KnownFacts } from "../kill/known-facts.ts";
import { checkQuota, clientsFile, clientsWith, unanswered } from "../kill/metered.ts";
import { Verdict } from "../kill/verdict.ts";
import { Chaos } from "./chaos.ts";
import { checkRest } from "./check-rest.ts";
import { expected, goalsOf, stallBoundMs } from "./goals.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    minutes: { type: "string" },
    seed: { type: "string", default: "1" },
    fault: { type: "string" },
  },
});
if (values.fault !== undefined) {
  const faults = fileURLToPath(import.meta.resolve("../faults/main.ts"));
  const args = [faults, "--with", "chaos", "--fault", values.fault];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
}
if (nativeServer === null) {
  console.error(
    "chaos needs a Redis server that keeps its data: install redis-server or valkey-server (Debian, Ubuntu:",
  );
  console.error("apt-get install redis-tools) where the PATH finds it, and leave AVTOMATIKA_REDIS unset.");
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const minutes = Number(values.minutes ?? (values.quick ? 2 : 10));
const seed = Number(values.seed);
const goals = goalsOf(minutes, values.quick);
const folder = mkdtempSync(join(tmpdir(), "avtomatika-chaos-"));
const tokens = { clientToken: randomUUID(), meteredToken: randomUUID() };
writeFileSync(join(folder, clientsFile), clientsWith(tokens, goals.quota));
const verdict = new Verdict(expected);
const { tally } = verdict;
const load = {
  openJobs: 600,
  perSecond: 50,
  flows: ["leaf", "leaf", "leaf", "middle", "root"],
  // What waits long shall wait because of a fault, and not behind others.
  ranked: false,
  largeEveryMs: 45_000,
  meteredEveryMs: 150,
  patienceMs: 12_000,
};
const chaos = await Chaos.prepare(
  { folder, storage: "redis", address: "", seed, ...tokens, workerToken: randomUUID(), load },
  verdict,
  goals.times,
);
const facts = new KnownFacts(verdict);
let jobs = 0;
try {
  const { dump, bodies } = await chaos.run(minutes * 60_000);
  jobs = dump.shards[0]?.jobs.length ?? 0;
  const news = new JournalReader(folder).read();
  for (const fact of news) facts.learn(fact);
  new DumpCheck(facts, verdict).look(dump, news, 0);
  checkEnd(dump, bodies, facts, verdict);
  checkRest(dump, verdict);
  checkQuota(dump, facts, verdict, { quota: goals.quota, wasted: tally.counts.get(unanswered) ?? 0 });
} catch (error) {
  verdict.report("other", error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await chaos.close();
}
const errors = unexpectedLines(readFileSync(join(folder, "errors.log"), "utf8"));
if (errors.length > 0) verdict.report("other", `the processes printed: ${errors.join("\n").slice(0, 3000)}`);

const { disturbances, stalls } = chaos;
for (const [kind, count] of disturbances.counts) tally.add(kind, count);
tally.add("handler rerun", facts.countReruns());
tally.add("worker that crashed by itself", chaos.crashes);
const stall = (stalls.longest.ms / 1000).toFixed(1);
const short = goals.shortOf({ jobs, counts: disturbances.counts, gapMs: disturbances.longestGapMs });
if (!verdict.isBad) for (const text of short) verdict.report("other", text);
if (!verdict.isBad && stalls.longest.ms > stallBoundMs)
  verdict.report(
    "other",
    `a job stood still for ${stall} s, ${stallBoundMs / 1000} s are the bound: ${stalls.longest.what}`,
  );
verdict.print();
const missing = verdict.isBad ? [] : tally.missing();
if (missing.length > 0) console.log(`never occurred: ${missing.join(", ")}`);
const failed = verdict.isBad || missing.length > 0;
if (failed) console.log(`the journals are kept in ${folder}`);
else rmSync(folder, { recursive: true, force: true });
console.log(`chaos: the longest stall was ${stall} s of ${stallBoundMs / 1000} s: ${stalls.longest.what}`);
const { lost, doubled, orphan } = verdict.counts;
console.log(
  `chaos: jobs ${jobs}, disturbances ${disturbances.total}, executions ${facts.executions.size}, lost ${lost}, doubled ${doubled}, orphans ${orphan}, longest stall ${stall} s, seed ${seed}`,
);
process.exit(failed ? 1 : 0);

/** That a store was away is told, as it should be; nothing else may be. */
function unexpectedLines(printed: string): string[] {
  return printed.split("\n").filter((line) => line !== "" && !line.includes('"code":"store_unavailable"'));
}

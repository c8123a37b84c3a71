import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { clientsFile, clientsWith, quotaFor } from "./metered.ts";
import { Storm } from "./storm.ts";
import { Verdict } from "./verdict.ts";

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, seed: { type: "string", default: "1" } },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const begun = performance.now();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), "avtomatika-kill-"));
const tokens = { clientToken: randomUUID(), meteredToken: randomUUID() };
writeFileSync(join(folder, clientsFile), clientsWith(tokens, quotaFor(kills)));
const verdict = new Verdict();
const load = { openJobs: 95, perSecond: 1000, largeEveryMs: 5000, meteredEveryMs: 30, patienceMs: 20_000 };
const storm = new Storm({ folder, seed, ...tokens, workerToken: randomUUID(), load }, verdict);
try {
  await storm.run(kills);
} catch (error) {
  verdict.report("other", error instanceof Error ? (error.stack ?? error.message) : String(error));
}
const errors = readFileSync(join(folder, "errors.log"), "utf8");
if (errors !== "") verdict.report("other", `the processes printed: ${errors.slice(0, 3000)}`);
verdict.tally.add("handler rerun", storm.facts.countReruns());
verdict.print();
// In a few kills not everything can occur.
const missing = verdict.isBad || kills < 10 ? [] : verdict.tally.missing();
if (missing.length > 0) console.log(`never occurred: ${missing.join(", ")}`);
const failed = verdict.isBad || missing.length > 0;
if (failed) console.log(`the store and the journals are kept in ${folder}`);
else rmSync(folder, { recursive: true, force: true });

const seconds = ((performance.now() - begun) / 1000).toFixed(1);
const { start, recovery } = storm.slowest;
console.log(
  `kill: first answer at most ${Math.round(start)} ms after the start of the process, ${Math.round(recovery)} ms after it opened the store; ${seconds} s in all`,
);
const { lost, doubled, orphan } = verdict.counts;
console.log(
  `kill: kills ${storm.kills}, jobs ${storm.jobs}, executions ${storm.facts.executions.size}, handler reruns ${storm.facts.countReruns()}, lost ${lost}, doubled ${doubled}, orphans ${orphan}, quota ${storm.metered} of ${quotaFor(kills)}, seed ${seed}`,
);
process.exit(failed ? 1 : 0);

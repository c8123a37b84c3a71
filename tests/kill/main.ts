// npm run test:kill -- [--kills N] [--seed S] [--storage sqlite|redis]: engines that are killed, and what is left.
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readStorage } from "../support/read-storage.ts";
import { redisStore, sqliteStore } from "./killed-store.ts";
import { clientsFile, clientsWith, quotaFor } from "./metered.ts";
import { Storm } from "./storm.ts";
import { expected, Verdict } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    storage: { type: "string", default: "sqlite" },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const storage = readStorage(values.storage, ["sqlite", "redis"]);
const begun = performance.now();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), "avtomatika-kill-"));
const tokens = { clientToken: randomUUID(), meteredToken: randomUUID() };
writeFileSync(join(folder, clientsFile), clientsWith(tokens, quotaFor(kills)));
const load = {
  openJobs: 95,
  perSecond: 1000,
  flows: ["root", "root", "middle", "leaf"],
  ranked: true,
  largeEveryMs: 5000,
  meteredEveryMs: 30,
  patienceMs: 20_000,
};
const store = storage === "redis" ? await redisStore() : sqliteStore(folder);
process.once("exit", () => void store.stop());
const verdict = new Verdict([...expected, ...(store.crash === null ? [] : ["kill of the store"])]);
const setup = { folder, storage, address: store.address, seed, ...tokens, workerToken: randomUUID(), load };
const storm = new Storm(setup, store, verdict);
try {
  await storm.run(kills);
} catch (error) {
  verdict.report("other", error instanceof Error ? (error.stack ?? error.message) : String(error));
}
const errors = readErrors(join(folder, "errors.log"));
if (errors !== "") verdict.report("other", `the processes printed: ${errors.slice(0, 3000)}`);
verdict.tally.add("handler rerun", storm.facts.countReruns());
verdict.print();
// In a few kills not everything can occur.
const missing = verdict.isBad || kills < 10 ? [] : verdict.tally.missing();
if (missing.length > 0) console.log(`never occurred: ${missing.join(", ")}`);
const failed = verdict.isBad || missing.length > 0;
await store.stop();
if (failed) console.log(`the store and the journals are kept in ${folder}`);
else rmSync(folder, { recursive: true, force: true });

const seconds = ((performance.now() - begun) / 1000).toFixed(1);
const { start, recovery } = storm.slowest;
console.log(
  `kill: first answer at most ${Math.round(start)} ms after the start of the process, ${Math.round(recovery)} ms after it opened the store; ${seconds} s in all`,
);
const { lost, doubled, orphan } = verdict.counts;
const about = storage === "redis" ? `storage redis, store kills ${storm.storeKills}, ` : "";
console.log(
  `kill: ${about}kills ${storm.kills}, jobs ${storm.jobs}, executions ${storm.facts.executions.size}, handler reruns ${storm.facts.countReruns()}, lost ${lost}, doubled ${doubled}, orphans ${orphan}, quota ${storm.metered} of ${quotaFor(kills)}, seed ${seed}`,
);
process.exit(failed ? 1 : 0);

/** What the processes printed; that a store which was killed didn't answer is no error of theirs. */
function readErrors(path: string): string {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => store.crash === null || !line.includes('"code":"store_unavailable"')).join("\n");
}

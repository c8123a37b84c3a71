// npm run test:outage -- [--seconds 45] [--how killed|stopped|cut]: two engines under load, and a Redis that is away for so long.
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import { RedisStorage } from "avtomatika/redis";
import { pause } from "../kill/http-caller.ts";
import { judgeJobs } from "../storm/judge.ts";
import { readLedgers } from "../storm/ledger.ts";
import { Program } from "../storm/program.ts";
import type { Execution, Setup } from "../storm/setup.ts";
import { Callers } from "./callers.ts";
import type { Answered } from "./engine-process.ts";
import { StoreServer, type Way, ways } from "./store-server.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "45" }, how: { type: "string", default: "killed" } },
});
const seconds = Number(values.seconds);
const way = values.how as Way;
if (!ways.includes(way) || !(seconds > 0)) throw new Error(`expected --seconds N --how ${ways.join("|")}`);
/** Results are held so long; a longer outage may have a worker do again what nobody took from it. */
const heldSeconds = 60;
/** How long the load runs before the outage and after it, in milliseconds. */
const calmMs = 6000;
/** How long all jobs may take to their ends afterwards, in milliseconds. */
const patienceMs = 180_000;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
const folder = mkdtempSync(join(tmpdir(), "avtomatika-outage-"));
const tokens = { clientToken: randomUUID(), workerToken: randomUUID() };
const store = await StoreServer.start();
const setup = (number: number, url: string): Setup => ({ folder, ...tokens, number, url });
const engines = [1, 2].map((number) => new Program("redisEngine", setup(number, store.url)));
const urls = (await Promise.all(engines.map((engine) => engine.says()))).map((port) => `http://127.0.0.1:${port}`);
const workers = [0, 1, 2, 3].map((number) => new Program("worker", setup(number, urls[number % 2] as string)));

const callers = new Callers(urls, tokens.clientToken);
const loaded = callers.run(6);
await pause(calmMs);
const left = Date.now();
await store.leave(way);
await pause(seconds * 1000);
const createdBefore = callers.counts.created;
await store.comeBack(way);
const back = Date.now();
while (callers.counts.created === createdBefore && Date.now() < back + patienceMs) await pause(20);
const backMs = Date.now() - back;
await pause(calmMs);
callers.end();
await loaded;
const jobs = await callers.ended(performance.now() + patienceMs);

for (const program of [...workers]) program.stop();
await Promise.all(workers.map(({ exited }) => exited));
for (const engine of engines) engine.signal("SIGTERM");
await Promise.all(engines.map(({ exited }) => exited));
const storage = new RedisStorage(store.server.url, { warn: () => {} });
await storage.open();
const orphans = audit(await storage.inspect());
await storage.close();
await store.stop();

const executions = readLedgers<Execution>(folder, "executions");
const { lost, doubled } = judgeJobs(jobs, executions);
const done = executions.filter(({ kind }) => kind === "ended").map(({ key }) => key);
const again = done.length - new Set(done).size;
const duringOutage = readLedgers<Answered>(folder, "answers").filter(({ at }) => at > left && at < back);
const badPolls = duringOutage.filter(({ what, status }) => what === "poll" && status !== 200 && status !== 204);
const badResults = readLedgers<Answered>(folder, "answers").filter(
  ({ what, status }) => what === "result" && status !== 200,
);

const { created, refused, refusedAfter, wrong } = callers.counts;
const problems = [
  ...lost,
  ...doubled.map((text) => `doubled: ${text}`),
  ...orphans.map((text) => `orphan: ${text}`),
  ...wrong,
];
for (const { status } of badPolls) problems.push(`a poll was answered ${status} during the outage`);
if (seconds < heldSeconds) {
  for (const { status } of badResults) problems.push(`a result was answered ${status}`);
  if (again > 0) problems.push(`${again} tasks were done again`);
}
if (seconds > 8 && refused === 0) problems.push("no creation was refused: was the store away?");
if (createdBefore === created) problems.push("nothing was created after the outage");
for (const problem of problems.slice(0, 20)) console.log(problem);
if (problems.length > 0)
  console.log(`what the processes printed:\n${readFileSync(join(folder, "printed.log"), "utf8").slice(-3000)}`);
const [least, most] = refusedAfter.map((ms) => (ms / 1000).toFixed(1));
if (refused > 0) console.log(`outage: creations were refused after ${least} to ${most} s`);
console.log(`outage: the first job was created ${(backMs / 1000).toFixed(1)} s after the return`);
console.log(
  `outage: ${way} ${seconds} s, jobs ${created}, executions ${done.length}, refused with 503 ${refused}, results refused ${badResults.length}, polls refused ${badPolls.length}, lost ${lost.length}, doubled ${doubled.length}, done again ${again}, orphans ${orphans.length}`,
);
rmSync(folder, { recursive: true, force: true });
process.exit(problems.length > 0 ? 1 : 0);

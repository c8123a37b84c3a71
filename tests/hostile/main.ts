// Hostile requests at every route of a real engine: `node tests/hostile/main.ts [--requests N] [--seed S]`.
import { parseArgs } from "node:util";
import { Random } from "../simulate/random.ts";
import { AttackedEngine, tokens } from "./attacked-engine.ts";
import { attackOn } from "./attacks.ts";
import { boundAttacks } from "./bounds.ts";
import { call } from "./call.ts";
import { controlJob } from "./control-job.ts";
import { attacked } from "./flows.ts";
import { anySpeech } from "./raw-sockets.ts";
import { Run } from "./run.ts";
import { sequence } from "./sequence.ts";
import { shapeOf } from "./shapes.ts";

const lanes = 24;
const requestsPerControlJob = 500;
const most = 20;
/** How often what a route can answer is asked for at the end. */
const attempts = 100;

const { values } = parseArgs({ options: { requests: { type: "string", default: "10000" }, seed: { type: "string" } } });
const wanted = Number(values.requests);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
if (!(wanted >= 1) || !Number.isSafeInteger(seed)) throw new Error("--requests and --seed take whole numbers");

const engine = await AttackedEngine.start();
const run = new Run(engine);
let controlJobs = 0;
let turns = 0;
try {
  await main();
} finally {
  await engine.stop();
}

async function main(): Promise<void> {
  const undescribed = engine.routes.filter((route) => shapeOf(route) === undefined);
  for (const route of undescribed) run.blame(`nothing attacks ${route}: describe it in tests/hostile/shapes.ts`);
  const routes = engine.routes.filter((route) => shapeOf(route) !== undefined);
  const random = new Random(seed);
  await warmUp(random);
  const before = await engine.measure();
  await Promise.all(Array.from({ length: lanes }, () => lane(routes)));
  await makeUp(routes, random);
  const lost = engine.isAlive ? await countLost(random) : run.pools.accepted.size;
  if (engine.isAlive) {
    const after = await engine.measure();
    const growth = (key: "heapBytes" | "residentBytes"): string =>
      `${megabytes(after[key])} MB (${after[key] < before[key] ? "" : "+"}${megabytes(after[key] - before[key])})`;
    console.log(`memory: heap ${growth("heapBytes")}, resident ${growth("residentBytes")}`);
    console.log(`longest pause of the engine's event loop: ${Math.round(after.longestPauseMs)} ms`);
  }
  run.close();
  const exitCode = await engine.stop();
  if (exitCode !== 0) run.blame(`the engine ended with ${exitCode}`);
  judgeLog(engine.log);
  conclude(routes, lost);
}

/** Something of everything, and every large bound. */
async function warmUp(random: Random): Promise<void> {
  for (const blueprint of attacked) {
    const route = `POST /api/${blueprint === "work" ? "v2" : "v1"}/${blueprint}`;
    for (let at = 0; at < 5; at++) await call(run, random, [route, undefined, {}], [202]);
  }
  const { body: ended } = await call(run, random, ["POST /api/v1/quick", "/api/v1/quick?wait=10", {}]);
  for (const attack of boundAttacks(String(ended["id"]))) await run.attack(attack, random);
  await controlJob(run, random, controlJobs++);
}

async function lane(routes: readonly string[]): Promise<void> {
  while (run.requests < wanted && engine.isAlive) {
    const turn = turns++;
    const random = new Random(seed * 1_000_003 + turn);
    if (turn % 40 === 0) await run.speak(anySpeech(random));
    else if (turn % 40 === 20) await sequence(run, random, turn);
    else {
      const route = routes[turn % routes.length] as string;
      const shape = shapeOf(route);
      if (shape !== undefined) await run.attack(attackOn(route, shape, random, run.pools), random);
    }
    if (run.requests >= controlJobs * requestsPerControlJob) await controlJob(run, random, controlJobs++);
  }
}

/** A short run may have left out what a route can answer by chance. */
async function makeUp(routes: readonly string[], random: Random): Promise<void> {
  for (let time = 0; time < attempts && engine.isAlive; time++) {
    for (const { route, answer } of run.table.missing(routes)) {
      const shape = shapeOf(route);
      if (shape === undefined) continue;
      const wrong = shape.group === "public" ? "undecodable id" : "token";
      await run.attack(attackOn(route, shape, random, run.pools, answer === "2xx" ? "right" : wrong), random);
    }
  }
}

/** What was accepted can be read. */
async function countLost(random: Random): Promise<number> {
  let lost = 0;
  for (const [jobId, blueprint] of run.pools.accepted) {
    const path = `/api/v1/jobs/${jobId}?fields=blueprint_name`;
    const { status, body } = await call(run, random, ["GET /api/v1/jobs/:job_id", path]);
    if (status !== 200 || body["id"] !== jobId || body["blueprint_name"] !== blueprint) lost += 1;
  }
  return lost;
}

/** Neither tokens nor faults. */
function judgeLog(log: string): void {
  for (const secret of [tokens.client, tokens.worker, ...run.pools.secrets]) {
    if (log.includes(secret)) run.blame(`the log names the token ${secret}`);
  }
  // Whatever is no line of the log is a warning of the runtime, or the end.
  const isFault = (line: string): boolean => line !== "" && !/^\{"level":[1-4]0,/.test(line);
  for (const line of log.split("\n").filter(isFault)) run.blame(`the engine logged ${line.slice(0, 1000)}`);
}

function conclude(routes: readonly string[], lost: number): void {
  console.log(run.table.toString());
  for (const { route, answer } of run.table.missing(routes)) run.blame(`${route} was never answered ${answer}`);
  const { size } = run.pools.accepted;
  if (size === 0) run.blame("no job was accepted");
  if (run.pools.secrets.size === 0) run.blame("no approval was seen");
  for (const fault of run.faults.slice(0, most)) console.log(`FAULT ${fault}`);
  if (run.faults.length > most) console.log(`… and ${run.faults.length - most} more faults`);
  console.log(`control jobs ${controlJobs}, jobs accepted ${size}, faults ${run.faults.length}`);
  const fives = run.table.sum("5xx");
  console.log(`hostile: requests ${run.requests}, routes ${routes.length}, 5xx ${fives}, lost ${lost}, seed ${seed}`);
  if (run.faults.length > 0 || fives > 0 || lost > 0) process.exitCode = 1;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

// npm run test:hostile -- [--requests N] [--seed S] [--storage sqlite|redis]: hostile requests at every route.
import { parseArgs } from "node:util";
import { Random } from "../simulate/random.ts";
import { readStorage } from "../support/read-storage.ts";
import { AttackedEngine, tokens } from "./attacked-engine.ts";
import type { AttackedRedis } from "./attacked-redis.ts";
import { attackOn } from "./attacks.ts";
import { boundAttacks } from "./bounds.ts";
import { call } from "./call.ts";
import { controlJob } from "./control-job.ts";
import type { Measured } from "./engine-process.ts";
import { type FieldTrial, fieldAttack, trialsOf } from "./field-attack.ts";
import { describeMemory, growthFaults, settledMemory } from "./memory.ts";
import { anySpeech } from "./raw-sockets.ts";
import { Run } from "./run.ts";
import { sequence } from "./sequence.ts";
import { shapeOf } from "./shapes.ts";
import type { Route } from "./surface.ts";
import { discardAll, sweep } from "./sweep.ts";

const lanes = 24;
const requestsPerControlJob = 500;
/** Every field gets its value once in so many requests: 50 different ones at 100,000. */
const requestsPerValue = 2000;
/** The part of the run after which memory has to stay: by then the store's caches are full. */
const warmUpShare = 0.5;
const most = 20;
/** What an empty Redis may take more than before, as a share. */
const redisTolerance = 0.1;
/** How often what a route can answer is asked for at the end. */
const attempts = 100;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "10000" },
    seed: { type: "string" },
    storage: { type: "string", default: "sqlite" },
  },
});
const storage = readStorage(values.storage, ["sqlite", "redis"]);
const wanted = Number(values.requests);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
if (!(wanted >= 1) || !Number.isSafeInteger(seed)) throw new Error("--requests and --seed take whole numbers");

const engine = await AttackedEngine.start(storage);
const run = await Run.against(engine);
const routes = [...run.routes.values()].filter(({ name }) => shapeOf(name) !== undefined);
const valuesPerField = Math.ceil(wanted / requestsPerValue);
const trials = planTrials();
let controlJobs = 0;
let sequences = 0;
let turns = 0;
let tried = 0;
try {
  await main();
} finally {
  await engine.stop();
  await engine.redis?.stop();
}

async function main(): Promise<void> {
  compareRoutes();
  const random = new Random(seed);
  await warmUp(random);
  await attackUntil(wanted * warmUpShare);
  const before = await rest(random);
  await attackUntil(wanted);
  await makeUp(random);
  const lost = engine.isAlive ? await countLost(random) : run.pools.accepted.size;
  if (engine.isAlive) judgeMemory(before, await rest(random));
  if (engine.redis !== null) await discardAll(run, random);
  run.close();
  const exitCode = await engine.stop();
  if (exitCode !== 0) run.blame(`the engine ended with ${exitCode}`);
  judgeLog(engine.log);
  if (engine.redis !== null) await judgeRedis(engine.redis);
  conclude(lost);
}

/** What the engine has and what the document has are the same, and each of it can be attacked. */
function compareRoutes(): void {
  for (const name of engine.routes) if (!run.routes.has(name)) run.blame(`the document has no ${name}`);
  for (const name of run.routes.keys()) {
    if (!engine.routes.includes(name)) run.blame(`the engine has no ${name}, which its document has`);
    if (shapeOf(name) === undefined) run.blame(`nothing attacks ${name}: describe it in tests/hostile/shapes.ts`);
  }
}

/** Every field of every route with its values, in any order. */
function planTrials(): FieldTrial[] {
  const random = new Random(seed);
  const planned = routes.flatMap((route) => {
    const shape = shapeOf(route.name);
    return shape === undefined
      ? []
      : route.fields.flatMap((field) => trialsOf(route, shape, field, valuesPerField, random));
  });
  return planned
    .map((trial) => ({ trial, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ trial }) => trial);
}

/** Something of everything, and every large bound. */
async function warmUp(random: Random): Promise<void> {
  for (const { name } of routes) {
    if (shapeOf(name)?.creates === undefined || name.endsWith("/batch")) continue;
    const body = { initial_data: shapeOf(name)?.data ?? {} };
    for (let at = 0; at < 5; at++) await call(run, random, [name, undefined, body], [202]);
  }
  const { body: ended } = await call(run, random, ["POST /api/v1/quick", "/api/v1/quick?wait=10", {}]);
  for (const attack of boundAttacks(String(ended["id"]))) await run.attack(attack, random);
  await controlJob(run, random, controlJobs++);
}

/** Attacks until there were so many requests, and so many of the values were tried as belong to them. */
async function attackUntil(requests: number): Promise<void> {
  const share = Math.min(1, requests / wanted);
  const enough = (): boolean => run.requests >= requests && tried >= trials.length * share;
  const lane = async (): Promise<void> => {
    while (!enough() && engine.isAlive) await attackOnce(run.requests / requests);
  };
  await Promise.all(Array.from({ length: lanes }, lane));

  async function attackOnce(progress: number): Promise<void> {
    const turn = turns++;
    const random = new Random(seed * 1_000_003 + turn);
    const trial = tried < trials.length * share * progress ? trials[tried++] : undefined;
    if (trial !== undefined) await run.attack(fieldAttack(trial, run.contract, random, run.pools), random);
    else if (turn % 40 === 0) await run.speak(anySpeech(random));
    else if (turn % 40 === 20) await sequence(run, random, sequences++);
    else await attackRoute(routes[turn % routes.length] as Route, random);
    if (run.requests >= controlJobs * requestsPerControlJob) await controlJob(run, random, controlJobs++);
  }
}

async function attackRoute(route: Route, random: Random, kind?: string): Promise<void> {
  const shape = shapeOf(route.name);
  if (shape !== undefined) await run.attack(attackOn(route, shape, random, run.pools, kind), random);
}

/** A short run may have left out what a route can answer by chance. */
async function makeUp(random: Random): Promise<void> {
  for (let time = 0; time < attempts && engine.isAlive; time++) {
    for (const { route, answer } of run.table.missing(routes.map(({ name }) => name))) {
      const wrong = shapeOf(route)?.group === "public" ? "no JSON" : "token";
      await attackRoute(run.routes.get(route) as Route, random, answer === "2xx" ? "right" : wrong);
    }
  }
}

/** The engine's memory with nothing to do. */
async function rest(random: Random): Promise<Measured> {
  await sweep(run, random);
  return settledMemory(engine);
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

function judgeMemory(...[before, after]: Parameters<typeof growthFaults>): void {
  console.log(describeMemory(before, after));
  console.log(`longest pause of the engine's event loop: ${Math.round(after.longestPauseMs)} ms`);
  for (const fault of growthFaults(before, after)) run.blame(fault);
}

/** What the attack's jobs took is given back when they have expired. */
async function judgeRedis(redis: AttackedRedis): Promise<void> {
  const full = await redis.usedBytes();
  await redis.expireAll();
  const [after, keys] = [await redis.usedBytes(), await redis.keysLeft()];
  const told = [redis.emptyBytes, full, after].map((bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`);
  console.log(
    `memory of Redis: ${told[0]} before the attack, ${told[1]} after it, ${told[2]} without the expired jobs`,
  );
  if (after > redis.emptyBytes * (1 + redisTolerance)) run.blame(`memory: Redis kept ${told[2]} of ${told[1]}`);
  if (keys.length > 0) run.blame(`Redis kept the keys ${keys.slice(0, 10).join(", ")}`);
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

function conclude(lost: number): void {
  console.log(run.table.toString());
  const names = routes.map(({ name }) => name);
  for (const { route, answer } of run.table.missing(names)) run.blame(`${route} was never answered ${answer}`);
  if (tried < trials.length) run.blame(`${trials.length - tried} values were not tried`);
  const { accepted, secrets } = run.pools;
  const counts = {
    requests: run.requests,
    routes: routes.length,
    fields: routes.reduce((sum, { fields }) => sum + fields.length, 0),
    values: tried,
    sequences,
    "control jobs": controlJobs,
    "jobs accepted": accepted.size,
    "approvals seen": secrets.size,
  };
  for (const [what, count] of Object.entries(counts)) if (count === 0) run.blame(`there were no ${what}`);
  for (const fault of run.faults.slice(0, most)) console.log(`FAULT ${fault}`);
  if (run.faults.length > most) console.log(`… and ${run.faults.length - most} more faults`);
  const fives = run.table.sum("5xx");
  const told = { ...counts, "5xx": fives, lost, faults: run.faults.length, seed };
  console.log(
    `hostile: ${storage === "redis" ? "storage redis, " : ""}${Object.entries(told)
      .map(([what, count]) => `${what} ${count}`)
      .join(", ")}`,
  );
  if (run.faults.length > 0 || fives > 0 || lost > 0) process.exitCode = 1;
}

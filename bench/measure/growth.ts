// What a job costs may not grow with what else there is: waiting jobs, registered workers, sets of requirements.
import { parseArgs } from "node:util";
import { Child } from "../support/child.ts";
import { EngineProcess } from "../support/engine.ts";
import { measureLoad, measureUpkeep, type Round, type Setup, type Upkeep } from "../support/measured-load.ts";
import { RedisWatch } from "../support/redis-watch.ts";
import { type Cell, Goals, printTable, quantile, requireSome } from "../support/table.ts";
import { fillWaiting, type Waiting } from "../support/waiting-jobs.ts";

/** What may grow to so many times the smallest. */
const most = { growth: 1.15, sets: 3 };
/** As long as the slowest rhythm of what an engine does without jobs. */
const upkeepSeconds = 20;

interface Plan {
  name: string;
  workers: number;
  waiting: Waiting;
  /** The jobs that are measured are spread over so many sets of requirements. */
  sets: number;
}

interface Measured {
  plan: Plan;
  upkeep: Upkeep;
  rounds: Round[];
  redisMegabytes: number;
}

export async function growth(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: "string", default: "1000000" },
      workers: { type: "string", default: "10000" },
      sets: { type: "string", default: "1000" },
      seconds: { type: "string", default: "5" },
      rounds: { type: "string", default: "5" },
      only: { type: "string", default: "" },
    },
  });
  const [jobs, workers, sets] = [Number(values.jobs), Number(values.workers), Number(values.sets)];
  const named = (count: number): string => count.toLocaleString("en");
  const plans: Record<string, Plan[]> = {
    jobs: [...new Set([1000, Math.min(100_000, jobs), jobs])].map((count) => ({
      ...{ name: `${named(count)} waiting jobs`, workers: 10, sets: 1 },
      waiting: { jobs: count, requirementSets: 1 },
    })),
    workers: [...new Set([10, Math.min(1000, workers), workers])].map((count) => ({
      ...{ name: `${named(count)} workers`, workers: count, sets: 1 },
      waiting: { jobs: 1000, requirementSets: 1 },
    })),
    sets: [1, sets].map((count) => ({
      ...{ name: `${named(count)} requirement sets`, workers: 10, sets: count },
      waiting: { jobs: 4 * sets, requirementSets: count },
    })),
  };
  const chosen = Object.entries(plans).filter(([name]) => name.startsWith(values.only));
  requireSome(`measurements called like "${values.only}"`, chosen.length, 1);
  const goals = new Goals();
  const rows: Cell[][] = [];
  let finished = 0;
  for (const [name, own] of chosen) {
    const measured = await measure(own, Number(values.seconds), Number(values.rounds));
    finished += measured.reduce((sum, { rounds }) => sum + rounds.reduce((all, round) => all + round.jobs, 0), 0);
    rows.push(...measured.map(rowOf));
    if (name === "sets") judgeSets(measured, goals);
    else judge(measured, goals);
  }
  printTable(
    [
      ...["beside", "Redis µs/job", "calls/job", "engine µs/job", "with upkeep", "jobs/s", "p50 ms"],
      ...["upkeep: Redis µs/s", "calls/s", "engine µs/s", "heartbeats/s", "Redis MB"],
    ],
    rows,
  );
  console.log(`growth: ${finished} jobs finished, medians of ${values.rounds} rounds in turn, ${goals.summary}`);
}

/** All setups are there at once and measured in turn: each meets the same minutes. */
async function measure(plans: readonly Plan[], seconds: number, rounds: number): Promise<Measured[]> {
  const setups: Setup[] = [];
  for (const plan of plans) setups.push(await prepare(plan));
  const nothing = { redisUs: 0, redisCalls: 0, engineUs: 0, heartbeats: 0 };
  for (const setup of setups) await measureLoad(setup, seconds, nothing);
  const upkeeps = await Promise.all(setups.map((setup) => measureUpkeep(setup, upkeepSeconds)));
  const all: Measured[] = [];
  for (const [at, plan] of plans.entries()) {
    const redisMegabytes = ((await setups[at]?.watch.usedBytes()) ?? 0) / 1e6;
    all.push({ plan, upkeep: upkeeps[at] ?? nothing, rounds: [], redisMegabytes });
  }
  for (let n = 0; n < rounds; n++) {
    for (const [at, setup] of setups.entries()) {
      const { upkeep, rounds: own } = all[at] as Measured;
      own.push(await measureLoad(setup, seconds, upkeep));
    }
  }
  for (const { engine, watch, crowd } of setups) {
    await crowd.stop();
    watch.close();
    await engine.stop();
  }
  return all;
}

async function prepare({ name, workers, waiting, sets }: Plan): Promise<Setup> {
  const begun = performance.now();
  const engine = await EngineProcess.start("redis", { config: { workerMaxParkedPolls: 20_000 } });
  const url = engine.redisUrl as string;
  await fillWaiting(url, waiting);
  const crowd = new Child("crowd-process.ts");
  await crowd.ask("start", { addresses: [engine.address], workers, record: { level: 1000 } });
  console.log(`${name}: ready after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  const data = (n: number) => ({ level: 1 + (n % sets) });
  return { name, engine, watch: await RedisWatch.open(url), crowd, endpoint: "picky", data };
}

function median({ rounds }: Measured, read: (round: Round) => number): number {
  return quantile(rounds.map(read), 0.5);
}

function rowOf(measured: Measured): Cell[] {
  const of = (read: (round: Round) => number): number => median(measured, read);
  return [
    measured.plan.name,
    of(({ redisUs }) => redisUs),
    of(({ redisCalls }) => redisCalls),
    of(({ engineUs }) => engineUs),
    of(({ engineAllUs }) => engineAllUs),
    of(({ jobsPerSecond }) => jobsPerSecond),
    of(({ p50Ms }) => p50Ms),
    measured.upkeep.redisUs,
    measured.upkeep.redisCalls,
    measured.upkeep.engineUs,
    measured.upkeep.heartbeats,
    measured.redisMegabytes,
  ];
}

function judge([smallest, ...larger]: readonly Measured[], goals: Goals): void {
  if (smallest === undefined) return;
  for (const one of larger) {
    const ratio = (read: (round: Round) => number) => median(one, read) / median(smallest, read);
    const of = `of those with ${smallest.plan.name}`;
    goals.atMost(
      `${one.plan.name}: Redis' µs per job, ${of}`,
      ratio((round) => round.redisUs),
      most.growth,
    );
    goals.atMost(
      `${one.plan.name}: calls per job, ${of}`,
      ratio((round) => round.redisCalls),
      most.growth,
    );
    goals.atMost(
      `${one.plan.name}: engine's µs per job, ${of}`,
      ratio((round) => round.engineUs),
      most.growth,
    );
  }
}

function judgeSets([one, many]: readonly Measured[], goals: Goals): void {
  if (one === undefined || many === undefined) return;
  const ratio = median(many, ({ redisUs }) => redisUs) / median(one, ({ redisUs }) => redisUs);
  goals.atMost(`${many.plan.name}: Redis' µs per job, of those with one`, ratio, most.sets);
}

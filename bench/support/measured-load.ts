// What a job costs an engine and its Redis server, beside what they do without any.
import type { Child } from "./child.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Asked } from "./crowd.ts";
import type { EngineFigures, EngineProcess } from "./engine.ts";
import type { RedisFigures, RedisWatch } from "./redis-watch.ts";
import { quantile } from "./table.ts";

export interface Setup {
  name: string;
  engine: EngineProcess;
  watch: RedisWatch;
  /** Its workers, in a process of their own. */
  crowd: Child;
  endpoint: string;
  /** What the nth job is given. */
  data: (n: number) => object;
}

/** What is done without any job, per second: leases, signs of life, heartbeats and polls that nothing came of. */
export interface Upkeep {
  redisUs: number;
  redisCalls: number;
  engineUs: number;
  heartbeats: number;
}

/** Of one round: per job, without the upkeep. */
export interface Round {
  jobs: number;
  jobsPerSecond: number;
  p50Ms: number;
  redisUs: number;
  redisCalls: number;
  engineUs: number;
  /** With the upkeep, which costs less beside other work than alone: what is taken off may be too much. */
  engineAllUs: number;
}

interface Spent {
  seconds: number;
  redisUs: number;
  redisCalls: number;
  engineUs: number;
}

/** Fewer than there are workers, so that a task never waits for one. */
const inFlight = 8;

/** Looks on for so many seconds. Signs of life are written every 5 s, so a few times that are needed. */
export async function measureUpkeep(setup: Setup, seconds: number): Promise<Upkeep> {
  await setup.crowd.ask("reset");
  const idle = await spentDuring(setup, () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  const heartbeats = (await setup.crowd.ask<Asked[]>("asked"))[0]?.heartbeats ?? 0;
  return {
    redisUs: idle.redisUs / idle.seconds,
    redisCalls: idle.redisCalls / idle.seconds,
    engineUs: idle.engineUs / idle.seconds,
    heartbeats: heartbeats / idle.seconds,
  };
}

/** Lets jobs run for `seconds`, and takes off what there is without them. */
export async function measureLoad(setup: Setup, seconds: number, upkeep: Upkeep): Promise<Round> {
  const { engine, endpoint, data } = setup;
  let n = 0;
  const open = () => {
    const client = engine.client();
    return {
      run: async () => {
        n += 1;
        return (await client.json<{ status: string }>("POST", `/api/v1/${endpoint}?wait=60`, data(n))).status;
      },
      close: () => client.close(),
    };
  };
  let loop = { jobs: 0, seconds: 0, times: [] as number[] };
  const busy = await spentDuring(setup, async () => {
    loop = await closedLoop(engine, endpoint, { inFlight, seconds, open });
  });
  const perJob = (name: "redisUs" | "redisCalls" | "engineUs") =>
    (busy[name] - upkeep[name] * busy.seconds) / loop.jobs;
  return {
    jobs: loop.jobs,
    jobsPerSecond: loop.jobs / loop.seconds,
    p50Ms: quantile(loop.times, 0.5),
    redisUs: perJob("redisUs"),
    redisCalls: perJob("redisCalls"),
    engineUs: perJob("engineUs"),
    engineAllUs: busy.engineUs / loop.jobs,
  };
}

async function spentDuring({ engine, watch }: Setup, run: () => Promise<unknown>): Promise<Spent> {
  await engine.reset();
  const before: RedisFigures = await watch.figures();
  const begun = performance.now();
  await run();
  const seconds = (performance.now() - begun) / 1000;
  const { cpuMs }: EngineFigures = await engine.figures();
  const after = await watch.figures();
  return {
    seconds,
    redisUs: (after.cpuMs - before.cpuMs) * 1000,
    redisCalls: after.scripts - before.scripts,
    engineUs: cpuMs * 1000,
  };
}

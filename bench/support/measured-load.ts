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

/** Of one round: per job without the upkeep, and the upkeep per second. */
export interface Round {
  jobs: number;
  jobsPerSecond: number;
  p50Ms: number;
  redisUs: number;
  redisCalls: number;
  engineUs: number;
  upkeep: { redisUs: number; redisCalls: number; engineUs: number; heartbeats: number };
}

interface Spent {
  seconds: number;
  redisUs: number;
  redisCalls: number;
  engineUs: number;
}

/** Fewer than there are workers, so that a task never waits for one. */
const inFlight = 8;

/** Looks on for a while, then lets jobs run for `seconds`: what both have in common is upkeep. */
export async function measureLoad(setup: Setup, seconds: number): Promise<Round> {
  const { engine, crowd, endpoint, data } = setup;
  await crowd.ask("reset");
  const idle = await spentDuring(setup, () => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  const heartbeats = (await crowd.ask<Asked[]>("asked"))[0]?.heartbeats ?? 0;
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
  const perSecond = (name: "redisUs" | "redisCalls" | "engineUs") => idle[name] / idle.seconds;
  const perJob = (name: "redisUs" | "redisCalls" | "engineUs") =>
    (busy[name] - perSecond(name) * busy.seconds) / loop.jobs;
  return {
    jobs: loop.jobs,
    jobsPerSecond: loop.jobs / loop.seconds,
    p50Ms: quantile(loop.times, 0.5),
    redisUs: perJob("redisUs"),
    redisCalls: perJob("redisCalls"),
    engineUs: perJob("engineUs"),
    upkeep: {
      redisUs: perSecond("redisUs"),
      redisCalls: perSecond("redisCalls"),
      engineUs: perSecond("engineUs"),
      heartbeats: heartbeats / idle.seconds,
    },
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

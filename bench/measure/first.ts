// Jobs per second over HTTP with one worker process, and the time of one job alone: by plain programs and by our SDKs.
import { parseArgs } from "node:util";
import { closedLoop, type LoopResult } from "../support/closed-loop.ts";
import { EngineProcess, type StoreName } from "../support/engine.ts";
import { clientsOf, type Means } from "../support/job-clients.ts";
import { type Cell, Goals, printTable, quantile, requireSome } from "../support/table.ts";
import { Workers } from "../support/workers.ts";
import { twoEngines } from "./two-engines.ts";

interface Style {
  means: Means;
  workers: number;
  limit: number | null;
  inTurn: boolean;
}

/** What is measured in turn with `--storage redis`. */
const besideRedis: readonly StoreName[] = ["sqlite", "redis-everysec", "redis-always"];
/** As on SQLite, but for what the noise of a few rounds is. */
const [leastJobs, mostLatency] = [0.9, 1.1];

/** All have room for 100 tasks or more; the SDK's workers have ten each by default. */
const styles: Record<string, Style> = {
  "raw, batch polls, batch results": { means: "raw", workers: 4, limit: 50, inTurn: false },
  "raw, single polls, single results": { means: "raw", workers: 100, limit: null, inTurn: true },
  "fetch, single polls, single results": { means: "fetch", workers: 100, limit: null, inTurn: true },
  "both SDKs": { means: "sdk", workers: 10, limit: null, inTurn: true },
};

/** A style with its own engine, all of them at once: measured in turn, so that each meets the same minutes. */
interface Setup {
  store: StoreName;
  name: string;
  means: Means;
  engine: EngineProcess;
  workers: Workers;
}

/** What a round measured, per job. */
interface Round {
  many: LoopResult;
  alone: LoopResult;
  engineUs: number;
  allUs: number;
  loop: { longestMs: number; withOthersMs: number };
}

export async function first(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "3" },
      rounds: { type: "string", default: "3" },
      storage: { type: "string", default: "memory,sqlite" },
      style: { type: "string", default: "" },
    },
  });
  const seconds = Number(values.seconds);
  const rounds = Number(values.rounds);
  const isRedis = values.storage === "redis";
  const stores: readonly StoreName[] = isRedis ? besideRedis : (values.storage.split(",") as StoreName[]);
  // Several stores beside each other are many engines: without a wish only the two styles that cost least of their own.
  const style = values.style === "" && isRedis ? "raw" : values.style;
  const chosen = Object.entries(styles).filter(([name]) => name.includes(style));
  requireSome(`styles called like "${style}"`, chosen.length, 1);
  const goals = new Goals();
  const rows: Cell[][] = [];
  let jobs = 0;
  for (const together of isRedis ? [stores] : stores.map((store) => [store])) {
    const setups = await Promise.all(
      together.flatMap((store) => chosen.map(([name, options]) => prepare(store, name, options))),
    );
    for (const endpoint of ["one", "three"]) {
      const measured = await measureInTurn(setups, endpoint, seconds, rounds);
      for (const [{ store, name }, own] of measured) {
        jobs += own.reduce((sum, { many, alone }) => sum + many.jobs + alone.jobs, 0);
        rows.push([`${store}, ${name}`, endpoint, ...summary(own)]);
      }
      if (isRedis) compare(measured, endpoint, goals);
    }
    for (const { workers, engine } of setups) {
      requireSome("tasks", await workers.count(), 1);
      await workers.stop();
      await engine.stop();
    }
  }
  printTable(
    [
      "store, worker and client",
      "tasks",
      "jobs/s",
      "p50 ms",
      "p99 ms",
      "engine µs/job",
      "all µs/job",
      "blocked ms",
      "with others",
      "alone p50",
      "alone p99",
    ],
    rows,
  );
  if (isRedis) jobs += await twoEngines(rounds, seconds, goals);
  const told = isRedis ? `, ${goals.summary}` : "";
  console.log(`first: ${jobs} jobs finished, medians of ${rounds} rounds of ${seconds} s in turn${told}`);
}

async function measureInTurn(
  setups: readonly Setup[],
  endpoint: string,
  seconds: number,
  rounds: number,
): Promise<Map<Setup, Round[]>> {
  const measured = new Map<Setup, Round[]>(setups.map((setup) => [setup, []]));
  for (const setup of setups) await warmUp(setup, endpoint, Math.min(2, seconds));
  for (let n = 0; n < rounds; n++) {
    for (const setup of setups) measured.get(setup)?.push(await measure(setup, endpoint, seconds));
  }
  return measured;
}

/** What Redis does of what SQLite does in the same minutes. */
function compare(measured: ReadonlyMap<Setup, Round[]>, endpoint: string, goals: Goals): void {
  const found = (store: StoreName, name: string) =>
    [...measured].find(([setup]) => setup.store === store && setup.name === name)?.[1] ?? [];
  const names = new Set([...measured.keys()].map(({ name }) => name));
  for (const name of names) {
    const [sqlite, redis] = [found("sqlite", name), found("redis-everysec", name)].map(summary);
    if (sqlite === undefined || redis === undefined) continue;
    const label = `${name}, ${endpoint}: Redis (everysec)`;
    const ratio = (column: number): number => (redis[column] ?? 0) / (sqlite[column] ?? 1);
    goals.atLeast(`${label} jobs/s, of SQLite's`, ratio(0), leastJobs);
    goals.atMost(`${label} p50 ms, of SQLite's`, ratio(1), mostLatency);
    goals.atMost(`${label} p50 ms alone, of SQLite's`, ratio(7), mostLatency);
  }
}

async function prepare(store: StoreName, name: string, { means, ...options }: Style): Promise<Setup> {
  const engine = await EngineProcess.start(store);
  const workers = await Workers.start({ address: engine.address, means, ...options });
  return { store, name, means, engine, workers };
}

async function warmUp({ engine, means }: Setup, endpoint: string, seconds: number): Promise<void> {
  await closedLoop(engine, endpoint, { inFlight: 100, seconds, open: clientsOf(engine.address, means) });
}

async function measure({ engine, workers, means }: Setup, endpoint: string, seconds: number): Promise<Round> {
  const open = clientsOf(engine.address, means);
  await engine.reset();
  await workers.cpuMs();
  const own = process.cpuUsage();
  const many = await closedLoop(engine, endpoint, { inFlight: 100, seconds, open });
  const { user, system } = process.cpuUsage(own);
  const workersMs = await workers.cpuMs();
  const { cpuMs, loop } = await engine.figures();
  const alone = await closedLoop(engine, endpoint, { inFlight: 1, seconds: seconds / 2, open });
  return {
    many,
    alone,
    engineUs: (cpuMs / many.jobs) * 1000,
    allUs: ((cpuMs + workersMs + (user + system) / 1000) / many.jobs) * 1000,
    loop,
  };
}

function summary(rounds: readonly Round[]): number[] {
  const median = (read: (round: Round) => number): number => quantile(rounds.map(read), 0.5);
  return [
    median(({ many }) => many.jobs / many.seconds),
    median(({ many }) => quantile(many.times, 0.5)),
    median(({ many }) => quantile(many.times, 0.99)),
    median(({ engineUs }) => engineUs),
    median(({ allUs }) => allUs),
    Math.max(...rounds.map(({ loop }) => loop.longestMs)),
    Math.max(...rounds.map(({ loop }) => loop.withOthersMs)),
    median(({ alone }) => quantile(alone.times, 0.5)),
    median(({ alone }) => quantile(alone.times, 0.99)),
  ];
}

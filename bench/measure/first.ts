// Jobs per second over HTTP with one worker process, and the time of one job alone: by plain programs and by our SDKs.
import { parseArgs } from "node:util";
import { closedLoop, type LoopResult } from "../support/closed-loop.ts";
import { EngineProcess, type StoreName } from "../support/engine.ts";
import { clientsOf, type Means } from "../support/job-clients.ts";
import { type Cell, printTable, quantile, requireSome } from "../support/table.ts";
import { Workers } from "../support/workers.ts";

interface Style {
  means: Means;
  workers: number;
  limit: number | null;
  inTurn: boolean;
}

/** All have room for 100 tasks or more; the SDK's workers have ten each by default. */
const styles: Record<string, Style> = {
  "raw, batch polls, batch results": { means: "raw", workers: 4, limit: 50, inTurn: false },
  "raw, single polls, single results": { means: "raw", workers: 100, limit: null, inTurn: true },
  "fetch, single polls, single results": { means: "fetch", workers: 100, limit: null, inTurn: true },
  "both SDKs": { means: "sdk", workers: 10, limit: null, inTurn: true },
};

/** A style with its own engine, all of them at once: measured in turn, so that each meets the same minutes. */
interface Setup {
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
  const chosen = Object.entries(styles).filter(([name]) => name.includes(values.style));
  requireSome(`styles called like "${values.style}"`, chosen.length, 1);
  const rows: Cell[][] = [];
  let jobs = 0;
  for (const store of values.storage.split(",") as StoreName[]) {
    const setups = await Promise.all(chosen.map(([name, style]) => prepare(store, name, style)));
    for (const endpoint of ["one", "three"]) {
      const rounds = new Map<Setup, Round[]>(setups.map((setup) => [setup, []]));
      for (const setup of setups) await warmUp(setup, endpoint, Math.min(2, seconds));
      for (let n = 0; n < Number(values.rounds); n++) {
        for (const setup of setups) rounds.get(setup)?.push(await measure(setup, endpoint, seconds));
      }
      for (const [{ name }, measured] of rounds) {
        jobs += measured.reduce((sum, { many, alone }) => sum + many.jobs + alone.jobs, 0);
        rows.push([`${store}, ${name}`, endpoint, ...summary(measured)]);
      }
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
  console.log(`first: ${jobs} jobs finished, medians of ${values.rounds} rounds of ${seconds} s in turn`);
}

async function prepare(store: StoreName, name: string, { means, ...options }: Style): Promise<Setup> {
  const engine = await EngineProcess.start(store);
  const workers = await Workers.start({ address: engine.address, means, ...options });
  return { name, means, engine, workers };
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

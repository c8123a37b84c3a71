// Store calls per life of a job, against the paper (docs/performance.md).
import { parseArgs } from "node:util";
import { closedLoop } from "../support/closed-loop.ts";
import type { Connection } from "../support/connection.ts";
import { type EngineFigures, EngineProcess, type StoreName } from "../support/engine.ts";
import { RedisWatch } from "../support/redis-watch.ts";
import { Goals, printTable, requireSome } from "../support/table.ts";
import { Workers } from "../support/workers.ts";
import { weigh } from "./weigh.ts";

/** Reads of clients, and what many jobs share. */
const notCounted = new Set([
  "getJob",
  "extendLeases",
  "putWorkers",
  "listWorkers",
  "listSigns",
  "tell",
  "readStandings",
  "listRevoked",
  "releaseLeases",
  "claimJobs (nothing)",
  "claimTasks (nothing)",
  "purge",
]);

/** `commits`: transactions of SQLite, scripts of Redis without those of calls that many jobs share. */
type Row = [life: string, jobs: number, counted: number, paper: number, others: string, commits: number];

export async function calls(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { storage: { type: "string", default: "sqlite" }, jobs: { type: "string", default: "20000" } },
  });
  const store = values.storage as StoreName;
  const isRedis = store.startsWith("redis");
  const goals = new Goals();
  const rows: Row[] = [];
  for (const [style, options] of Object.entries(styles)) {
    const engine = await Meter.start(store);
    const workers = await Workers.start({ address: engine.address, ...options });
    for (const inFlight of options.inFlight) {
      for (const [name, tasks, paper] of [
        ["one", 1, 5],
        ["three", 3, 11],
      ] as const) {
        const row = await throughput(engine, workers, { name, tasks, paper, inFlight, style });
        rows.push(row);
        const label = `${row[0]}: calls per job`;
        goals.atMost(label, row[2], paper);
        if (isRedis) goals.atMost(`${row[0]}: scripts per job`, row[5], paper);
        else if (inFlight === 100) goals.atMost(`${row[0]}: transactions per job`, row[5], 0.5);
      }
    }
    await workers.stop();
    await engine.stop();
  }
  rows.push(...(await lives(store)));
  const fanOut = await fanOutOf(store, 10_000);
  rows.push(fanOut);
  goals.atMost("fan-out of 10,000: calls", fanOut[2], fanOut[3]);
  const written = isRedis ? "scripts/job" : "commits/job";
  printTable(["life", "jobs", "calls/job", "paper", written, "not counted, per job"], rows.map(order));
  if (isRedis) await weigh(store, Number(values.jobs), goals);
  console.log(`calls: ${rows.length} lives, ${goals.summary}`);
}

const styles = {
  "one by one": { workers: 100, limit: null, inTurn: true, inFlight: [1, 100] },
  batches: { workers: 4, limit: 50, inTurn: true, inFlight: [100] },
} as const;

function order([life, jobs, counted, paper, others, commits]: Row) {
  return [life, jobs, counted, paper, commits, others];
}

async function throughput(
  engine: Meter,
  workers: Workers,
  life: { name: string; tasks: number; paper: number; inFlight: number; style: string },
): Promise<Row> {
  const jobs = life.inFlight === 1 ? 200 : 3000;
  const before = await workers.count();
  await engine.reset();
  await closedLoop(engine.process, life.name, { inFlight: life.inFlight, jobs });
  const figures = await engine.figures();
  requireSome("tasks", (await workers.count()) - before, jobs * life.tasks - life.inFlight);
  const title = `${life.name} task${life.tasks > 1 ? "s" : ""}, ${life.inFlight} in flight, ${life.style}`;
  return rowOf(title, jobs, life.paper, figures);
}

/** Scripts of calls that aren't counted are none of the job's. `reads`: how often the measurement itself asked for the job. */
function rowOf(life: string, jobs: number, paper: number, { calls: made, commits, isRedis }: Counted, reads = 0): Row {
  let counted = -reads;
  // A job that found every slot taken for a moment: one claim brings all of them.
  const isShared = reads === 0;
  const others = new Map<string, number>();
  for (const [method, count] of Object.entries(made)) {
    if (method === "getJob" && reads > 0) counted += count;
    else if (notCounted.has(method) || (isShared && method === "claimJobs")) others.set(method, count / jobs);
    else counted += count;
  }
  const shared = isRedis ? reads + [...others.values()].reduce((sum, rate) => sum + rate, 0) * jobs : 0;
  return [life, jobs, counted / jobs, paper, describe(others), (commits - shared) / jobs];
}

function describe(rates: ReadonlyMap<string, number>): string {
  const told = [...rates].filter(([, rate]) => rate >= 0.01);
  return told.map(([method, rate]) => `${method} ${rate.toFixed(2)}`).join(", ");
}

interface Counted extends EngineFigures {
  isRedis: boolean;
}

/** An engine whose calls are counted, and what reaches its store: SQLite's transactions, Redis' scripts. */
class Meter {
  readonly process: EngineProcess;
  readonly #watch: RedisWatch | null;
  #scripts = 0;

  private constructor(engine: EngineProcess, watch: RedisWatch | null) {
    this.process = engine;
    this.#watch = watch;
  }

  static async start(store: StoreName): Promise<Meter> {
    const engine = await EngineProcess.start(store, { trace: "calls" });
    return new Meter(engine, engine.redisUrl === null ? null : await RedisWatch.open(engine.redisUrl));
  }

  get address(): string {
    return this.process.address;
  }
  client(): Connection {
    return this.process.client();
  }

  async reset(): Promise<void> {
    await this.process.reset();
    this.#scripts = (await this.#watch?.figures())?.scripts ?? 0;
  }
  async figures(): Promise<Counted> {
    const scripts = (await this.#watch?.figures())?.scripts;
    const figures = await this.process.figures();
    if (scripts === undefined) return { ...figures, isRedis: false };
    return { ...figures, isRedis: true, commits: scripts - this.#scripts };
  }
  async stop(): Promise<void> {
    this.#watch?.close();
    await this.process.stop();
  }
}

/** Lives that need no worker. The measurement's own reads are taken off, so that those of a route count. */
async function lives(store: StoreName): Promise<Row[]> {
  const engine = await Meter.start(store);
  const client = engine.client();
  const jobs = 50;
  const rows: Row[] = [];
  const live = async (
    life: string,
    endpoint: string,
    paper: number,
    act: (id: string, read: Reader) => Promise<void>,
  ) => {
    const reader = new Reader(client);
    await engine.reset();
    for (let n = 0; n < jobs; n++) {
      const { job_id: id } = await client.json<{ job_id: string }>("POST", `/api/v1/${endpoint}`, {});
      await act(id, reader);
    }
    rows.push(rowOf(life, jobs, paper, await engine.figures(), reader.count));
  };
  await live("sleep", "sleeper", 4, (id, read) => read.until(id, "finished"));
  await live("approval", "approval", 5, async (id, read) => {
    await read.until(id, "waiting_for_human");
    await client.json("POST", `/api/v1/jobs/${id}/approval`, { decision: "approved" });
    await read.until(id, "finished");
  });
  await live("child without tasks", "parent", 4, (id, read) => read.until(id, "finished"));
  await live("approval that is cancelled", "approval", 5, async (id, read) => {
    await read.until(id, "waiting_for_human");
    await client.json("POST", `/api/v1/jobs/${id}/cancel`);
    await read.until(id, "cancelled");
  });
  client.close();
  await engine.stop();
  return rows;
}

/** Reads a job until it is as it should be, and counts its reads. */
class Reader {
  readonly #client: Connection;
  count = 0;

  constructor(client: Connection) {
    this.#client = client;
  }

  async until(id: string, status: string): Promise<void> {
    for (;;) {
      const view = await this.#client.json<{ status: string }>("GET", `/api/v1/jobs/${id}?fields=status`);
      this.count += 1;
      if (view.status === status) return;
      if (["finished", "failed", "quarantined"].includes(view.status)) throw new Error(`job ${id} is ${view.status}`);
    }
  }
}

async function fanOutOf(store: StoreName, branches: number): Promise<Row> {
  const engine = await Meter.start(store);
  const workers = await Workers.start({ address: engine.address, workers: 1, limit: 50, inTurn: true });
  const client = engine.client();
  await engine.reset();
  const view = await client.json<{ status: string }>("POST", "/api/v1/fanout?wait=60", { branches });
  const figures = await engine.figures();
  requireSome("joins", figures.aggregations, 1);
  requireSome(`branches of a ${view.status} job`, figures.branches, branches);
  client.close();
  await workers.stop();
  await engine.stop();
  return rowOf(`fan-out of ${branches}, by 50`, 1, 433, figures);
}

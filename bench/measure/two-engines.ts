// What a second engine over the same Redis brings: with handlers that compute, and with empty ones.
import type { RedisServer } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { closedLoop } from "../support/closed-loop.ts";
import { coreShares, limitOf, type Share } from "../support/core-share.ts";
import { EngineProcess, type StoreName, startRedisFor } from "../support/engine.ts";
import { type Cell, type Goals, printTable, quantile, requireSome } from "../support/table.ts";

interface Group {
  redis: RedisServer;
  engines: EngineProcess[];
}
interface Round {
  jobs: number;
  jobsPerSecond: number;
  shares: Record<string, Share>;
}

const inFlight = 100;
const leastRatio = 1.6;
const store: StoreName = "redis-everysec";

/** Both groups are there at once and measured in turn. Answers how many jobs finished. */
export async function twoEngines(rounds: number, seconds: number, goals: Goals): Promise<number> {
  const groups = [await startGroup(1), await startGroup(2)];
  const rows: Cell[][] = [];
  let jobs = 0;
  for (const endpoint of ["busy", "quick"]) {
    const measured = groups.map((): Round[] => []);
    for (const group of groups) await measure(group, endpoint, seconds);
    for (let n = 0; n < rounds; n++) {
      for (const [at, group] of groups.entries()) measured[at]?.push(await measure(group, endpoint, seconds));
    }
    jobs += measured.flat().reduce((sum, round) => sum + round.jobs, 0);
    const rates = measured.map((own) =>
      quantile(
        own.map(({ jobsPerSecond }) => jobsPerSecond),
        0.5,
      ),
    );
    const handlers = endpoint === "busy" ? "handlers of 2 ms" : "empty handlers";
    for (const [at, own] of measured.entries()) rows.push([`${handlers}, ${at + 1}`, rates[at] ?? 0, ...sharesOf(own)]);
    const ratio = (rates[1] ?? 0) / (rates[0] ?? 1);
    if (endpoint === "busy") goals.atLeast(`${handlers}: jobs of two engines, of those of one`, ratio, leastRatio);
    else console.log(`${handlers}: jobs of two engines, of those of one: ${ratio.toFixed(2)}`);
  }
  printTable(
    ["handlers, engines", "jobs/s", "engine %", "waits %", "Redis %", "waits %", "client %", "waits %", "limit"],
    rows,
  );
  for (const { engines, redis } of groups) {
    await Promise.all(engines.map((engine) => engine.stop()));
    await redis.stop();
  }
  requireSome("jobs of two engines", jobs, 1);
  return jobs;
}

async function startGroup(count: number): Promise<Group> {
  const redis = (await startRedisFor(store)) as RedisServer;
  const engines = Array.from({ length: count }, () => EngineProcess.start(store, { url: redis.url }));
  return { redis, engines: await Promise.all(engines) };
}

async function measure({ redis, engines }: Group, endpoint: string, seconds: number): Promise<Round> {
  const pids: Record<string, number> = { Redis: redis.pid(), "the client": process.pid };
  for (const [at, engine] of engines.entries()) pids[`engine ${at + 1}`] = engine.pid;
  const own = { inFlight: inFlight / engines.length, seconds };
  const begun = performance.now();
  let jobs = 0;
  const shares = await coreShares(pids, async () => {
    const loops = await Promise.all(engines.map((engine) => closedLoop(engine, endpoint, own)));
    jobs = loops.reduce((sum, loop) => sum + loop.jobs, 0);
  });
  return { jobs, jobsPerSecond: (jobs / (performance.now() - begun)) * 1000, shares };
}

/** In per cent of a core, medians; of the engines their mean. */
function sharesOf(rounds: readonly Round[]): Cell[] {
  const median = (read: (shares: Round["shares"]) => number) =>
    100 *
    quantile(
      rounds.map(({ shares }) => read(shares)),
      0.5,
    );
  const cells = ["engine", "Redis", "the client"].flatMap((name) =>
    (["had", "waited"] as const).map((what) => Math.round(median((shares) => mean(shares, name, what)))),
  );
  const middle = rounds[Math.floor(rounds.length / 2)] as Round;
  return [...cells, limitOf(middle.shares)];
}

function mean(shares: Round["shares"], name: string, what: keyof Share): number {
  const own = Object.entries(shares).filter(([key]) => key.startsWith(name));
  return own.reduce((sum, [, share]) => sum + share[what], 0) / own.length;
}

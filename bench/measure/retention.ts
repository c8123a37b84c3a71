// Jobs that are forgotten a second after their end: the file may not go on growing.
import { parseArgs } from "node:util";
import { closedLoop } from "../support/closed-loop.ts";
import { EngineProcess } from "../support/engine.ts";
import { type Cell, Goals, printTable, requireSome } from "../support/table.ts";
import { Workers } from "../support/workers.ts";

const portions = 10;

export async function retention(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { jobs: { type: "string", default: "100000" }, blueprint: { type: "string", default: "one" } },
  });
  const jobs = Number(values.jobs);
  const engine = await EngineProcess.start("sqlite", { trace: "calls", config: { jobRetentionSeconds: 1 } });
  const workers = await Workers.start({ address: engine.address, workers: 4, limit: 50, inTurn: false });
  const rows: Cell[][] = [];
  const sizes: number[] = [];
  let longest = 0;
  let purges = 0;
  for (let n = 1; n <= portions; n++) {
    await engine.reset();
    const loop = await closedLoop(engine, values.blueprint, { inFlight: 100, jobs: Math.ceil(jobs / portions) });
    const { fileBytes, calls, loop: delay } = await engine.figures();
    sizes.push(fileBytes);
    longest = Math.max(longest, delay.longestMs);
    purges += calls["purge"] ?? 0;
    const size = fileBytes / 1e6;
    const { p99, longestMs, withOthersMs } = delay;
    rows.push([n * loop.jobs, loop.jobs / loop.seconds, size, calls["purge"] ?? 0, p99, longestMs, withOthersMs]);
  }
  const left = await countJobs(engine);
  await workers.stop();
  await engine.stop();
  printTable(["jobs", "jobs/s", "file MB", "purges", "blocked p99 ms", "longest ms", "with others"], rows);
  requireSome("purges", purges, 1);
  if (left > jobs / 2) throw new Error(`${left} of ${jobs} jobs were not forgotten`);
  // What is there is what the last second brought: it goes up and down with the speed of the moment.
  const half = portions / 2;
  const goals = new Goals();
  goals.atMost(
    "largest file of the last half, of that of the first half",
    Math.max(...sizes.slice(half)) / Math.max(...sizes.slice(0, half)),
    1.25,
  );
  goals.atMost("longest block of the loop in ms", longest, 100);
  console.log(`retention: ${jobs} jobs, ${left} still there, ${purges} purges, ${goals.summary}`);
}

async function countJobs(engine: EngineProcess): Promise<number> {
  const client = engine.client();
  const { jobs } = await client.json<{ jobs: Record<string, number> }>("GET", "/api/v1/dashboard");
  client.close();
  return Object.values(jobs).reduce((sum, count) => sum + count, 0);
}

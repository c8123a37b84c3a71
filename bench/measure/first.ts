// Jobs per second over HTTP with one worker process, and the time of one job alone.
import { parseArgs } from "node:util";
import { closedLoop } from "../support/closed-loop.ts";
import { EngineProcess, type StoreName } from "../support/engine.ts";
import { type Cell, printTable, quantile, requireSome } from "../support/table.ts";
import { Workers } from "../support/workers.ts";

const styles = {
  "batch polls, batch results": { workers: 4, limit: 50, inTurn: false },
  "single polls, single results": { workers: 100, limit: null, inTurn: true },
} as const;

export async function first(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: "string", default: "8" }, store: { type: "string", default: "memory,sqlite" } },
  });
  const seconds = Number(values.seconds);
  const rows: Cell[][] = [];
  let jobs = 0;
  for (const store of values.store.split(",") as StoreName[]) {
    for (const [style, options] of Object.entries(styles)) {
      const engine = await EngineProcess.start(store);
      const workers = await Workers.start({ address: engine.address, ...options });
      for (const endpoint of ["one", "three"]) {
        await closedLoop(engine, endpoint, { inFlight: 100, seconds: Math.min(3, seconds) });
        await engine.reset();
        const many = await closedLoop(engine, endpoint, { inFlight: 100, seconds });
        const { cpuMs, loop } = await engine.figures();
        const alone = await closedLoop(engine, endpoint, { inFlight: 1, seconds: seconds / 2 });
        jobs += many.jobs + alone.jobs;
        rows.push([
          `${store}, ${style}`,
          endpoint,
          many.jobs / many.seconds,
          quantile(many.times, 0.5),
          quantile(many.times, 0.99),
          (cpuMs / many.jobs) * 1000,
          loop.longestMs,
          loop.withOthersMs,
          quantile(alone.times, 0.5),
          quantile(alone.times, 0.99),
        ]);
      }
      requireSome("tasks", await workers.count(), 1);
      await workers.stop();
      await engine.stop();
    }
  }
  printTable(
    [
      "store, worker",
      "tasks",
      "jobs/s",
      "p50 ms",
      "p99 ms",
      "engine µs/job",
      "blocked ms",
      "with others",
      "alone p50",
      "alone p99",
    ],
    rows,
  );
  console.log(`first: ${jobs} jobs finished`);
}

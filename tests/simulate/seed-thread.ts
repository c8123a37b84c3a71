// A thread of `npm run test:simulate`: it runs the seeds that it is told.
import { parentPort, workerData } from "node:worker_threads";
import { RedisReplay } from "./redis-replay.ts";
import { type SeedReport, simulate } from "./simulation.ts";

/** Where to replay what the engines asked their store: an address and a database of the thread's own. */
export interface ThreadOptions {
  redis: { url: string; database: number } | null;
}

const { redis } = workerData as ThreadOptions;
const other = redis === null ? null : await RedisReplay.connect(redis.url, redis.database);
const watchers = other === null ? {} : { replay: (recording: Parameters<typeof other.run>[0]) => other.run(recording) };

parentPort?.on("message", (range: { from: number; to: number }) => {
  void (async () => {
    const reports: SeedReport[] = [];
    for (let seed = range.from; seed < range.to; seed++) {
      const report = await simulate(seed, watchers);
      reports.push(report);
      if (report.violations.length + report.differences.length > 0) break;
    }
    parentPort?.postMessage(reports);
  })();
});

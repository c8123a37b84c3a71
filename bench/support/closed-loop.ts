import type { EngineProcess } from "./engine.ts";
import { clientsOf, type JobClient } from "./job-clients.ts";
import { requireSome } from "./table.ts";

export interface LoopResult {
  jobs: number;
  seconds: number;
  /** How long each job took for its client, in milliseconds. */
  times: number[];
}

/**
 * `inFlight` clients, each of which creates its next job when it has the end of its last one, until the time is over.
 * `open` makes a client; raw ones by default.
 */
export async function closedLoop(
  engine: EngineProcess,
  endpoint: string,
  {
    inFlight,
    jobs,
    seconds,
    open = clientsOf(engine.address, "raw"),
  }: { inFlight: number; jobs?: number; seconds?: number; open?: () => JobClient },
): Promise<LoopResult> {
  const times: number[] = [];
  const begun = performance.now();
  const until = begun + (seconds ?? 600) * 1000;
  let left = jobs ?? Number.POSITIVE_INFINITY;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const client = open();
      while (left > 0 && performance.now() < until) {
        left -= 1;
        const start = performance.now();
        const status = await client.run(endpoint);
        if (status !== "finished") throw new Error(`a job of ${endpoint} is ${status} after a minute`);
        times.push(performance.now() - start);
      }
      await client.close();
    }),
  );
  requireSome(`jobs of ${endpoint} that finished`, times.length, jobs ?? 1);
  return { jobs: times.length, seconds: (performance.now() - begun) / 1000, times };
}

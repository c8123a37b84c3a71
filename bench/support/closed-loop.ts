import type { EngineProcess } from "./engine.ts";
import { requireSome } from "./table.ts";

export interface LoopResult {
  jobs: number;
  seconds: number;
  /** How long each job took for its client, in milliseconds. */
  times: number[];
}

/** `inFlight` clients, each of which creates its next job when it has the end of its last one, until the time is over. */
export async function closedLoop(
  engine: EngineProcess,
  endpoint: string,
  { inFlight, jobs, seconds }: { inFlight: number; jobs?: number; seconds?: number },
): Promise<LoopResult> {
  const times: number[] = [];
  const begun = performance.now();
  const until = begun + (seconds ?? 600) * 1000;
  let left = jobs ?? Number.POSITIVE_INFINITY;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const connection = engine.client();
      while (left > 0 && performance.now() < until) {
        left -= 1;
        const start = performance.now();
        const view = await connection.json<{ status: string }>("POST", `/api/v1/${endpoint}?wait=60`, {
          payload: "some",
        });
        if (view.status !== "finished") throw new Error(`a job of ${endpoint} is ${view.status} after a minute`);
        times.push(performance.now() - start);
      }
      connection.close();
    }),
  );
  requireSome(`jobs of ${endpoint} that finished`, times.length, jobs ?? 1);
  return { jobs: times.length, seconds: (performance.now() - begun) / 1000, times };
}

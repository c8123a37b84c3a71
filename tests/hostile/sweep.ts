import type { Random } from "../simulate/random.ts";
import { call } from "./call.ts";
import type { Run } from "./run.ts";

const open = [
  "pending",
  "running",
  "waiting_for_worker",
  "waiting_for_human",
  "waiting_for_parallel_tasks",
  "waiting_for_sub_job",
  "sleeping",
  "awaiting_retry",
];
const atOnce = 24;

/** Cancels every job that has not ended: what the engine then still holds in memory is nobody's work. */
export async function sweep(run: Run, random: Random): Promise<void> {
  for (const status of open) {
    for (;;) {
      const path = `/api/v1/jobs?status=${status}&limit=1000`;
      const jobs = (await call(run, random, ["GET /api/v1/jobs", path])).list as { id: string }[];
      if (jobs.length === 0) break;
      const cancelNext = async (): Promise<void> => {
        for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
          const route = "POST /api/v1/jobs/:job_id/cancel";
          await call(run, random, [route, `/api/v1/jobs/${job.id}/cancel`], [200, 409]);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, cancelNext));
    }
  }
}

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
  for (const status of open)
    await orderAll(run, random, ["GET /api/v1/jobs", `/api/v1/jobs?status=${status}&limit=1000`], "cancel");
}

/** Discards every job in quarantine: it would wait for an operator for ever. */
export async function discardAll(run: Run, random: Random): Promise<void> {
  await orderAll(run, random, ["GET /api/v1/jobs/quarantined", "/api/v1/jobs/quarantined?limit=1000"], "discard");
}

async function orderAll(run: Run, random: Random, [name, path]: [string, string], order: "cancel" | "discard") {
  for (;;) {
    const jobs = (await call(run, random, [name, path])).list as { id: string }[];
    if (jobs.length === 0) return;
    const next = async (): Promise<void> => {
      for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
        const route = `POST /api/v1/jobs/:job_id/${order}`;
        await call(run, random, [route, `/api/v1/jobs/${job.id}/${order}`], [200, 409]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, next));
  }
}

import type { Random } from "../simulate/random.ts";
import { call } from "./call.ts";
import type { Run } from "./run.ts";

const patienceMs = 15_000;

/** The whole life of a job over HTTP, with a worker of its own, in the middle of the attack: it has to finish. */
export async function controlJob(run: Run, random: Random, number: number): Promise<void> {
  // As many as there may be at a time: known workers are remembered for a while.
  const worker = `control-${number % 8}`;
  const registration = { worker_id: worker, supported_tasks: ["control"], max_concurrent_tasks: 100 };
  await call(run, random, ["POST /_worker/workers/register", undefined, registration]);
  const envelope = { initial_data: { number }, priority: 1000 };
  const { body: created } = await call(run, random, ["POST /api/v1/control", undefined, envelope], [202]);
  const jobId = String(created["job_id"]);
  const until = performance.now() + patienceMs;
  for (;;) {
    await workOff(run, random, worker);
    const { body } = await call(run, random, ["GET /api/v1/jobs/:job_id", `/api/v1/jobs/${jobId}`]);
    if (body["status"] === "finished" && body["result"] === number) return;
    if (performance.now() > until) {
      const { body: why } = await call(run, random, [
        "GET /api/v1/jobs/:job_id/explain",
        `/api/v1/jobs/${jobId}/explain`,
      ]);
      return run.blame(`control job ${number} did not finish: ${JSON.stringify(body)} ${JSON.stringify(why)}`);
    }
  }
}

/** Does what there is to do: of attackers' jobs too, which have no other worker. */
async function workOff(run: Run, random: Random, worker: string): Promise<void> {
  const path = `/_worker/workers/${worker}/tasks/next?limit=100`;
  const { status, body } = await call(run, random, ["GET /_worker/workers/:worker_id/tasks/next", path], [200, 204]);
  if (status !== 200) return;
  const tasks = body["tasks"] as { job_id: string; task_id: string; params: { number?: unknown } }[];
  const results = tasks.map(({ job_id, task_id, params }) => ({
    job_id,
    task_id,
    worker_id: worker,
    result: { status: "success", data: { answer: params.number ?? null } },
  }));
  await call(run, random, ["POST /_worker/tasks/results", undefined, { results }]);
}

import type { Random } from "../simulate/random.ts";
import { call } from "./call.ts";
import type { Run } from "./run.ts";

const blueprints = ["approval", "work", "broken", "sleeper", "fan-out", "parent"] as const;
type Order = "cancel" | "approval" | "bearer" | "requeue" | "discard" | "result" | "view" | "explain";
const orders: readonly Order[] = ["cancel", "approval", "bearer", "requeue", "discard", "result", "view", "explain"];

/** Orders to one job in any order, some of them doubled at the same time; what they were told has to fit together. */
export async function sequence(run: Run, random: Random, number: number): Promise<void> {
  const blueprint = random.pick(blueprints);
  const route = `POST /api/v1/${blueprint}`;
  const { body: created } = await call(run, random, [route, undefined, { number }], [202]);
  const jobId = String(created["job_id"]);
  const accepted = new Map<Order, number>();
  const count = random.int(3, 8);
  for (let at = 0; at < count; at++) {
    const order = random.pick(orders);
    const times = random.chance(0.3) ? 2 : 1;
    const answers = await Promise.all(
      Array.from({ length: times }, () => give(run, random.fork(), order, { jobId, number })),
    );
    accepted.set(order, (accepted.get(order) ?? 0) + answers.filter(Boolean).length);
  }
  const { body: view } = await call(run, random, ["GET /api/v1/jobs/:job_id", `/api/v1/jobs/${jobId}`]);
  const of = (order: Order): number => accepted.get(order) ?? 0;
  const about = `${blueprint} ${jobId} (${JSON.stringify(Object.fromEntries(accepted))}) is ${view["status"]}`;
  if (view["id"] !== jobId) run.blame(`${about}: its view has another id`);
  if (of("approval") + of("bearer") > 1) run.blame(`${about}: more than one decision was accepted`);
  if (of("discard") > 1) run.blame(`${about}: it was discarded twice`);
  const runs = ["pending", "running"].includes(String(view["status"]));
  if (of("cancel") > 0 && view["status"] !== "cancelled" && !runs) run.blame(`${about}: its cancel was lost`);
}

/** Whether it was accepted. */
async function give(
  run: Run,
  random: Random,
  order: Order,
  { jobId, number }: { jobId: string; number: number },
): Promise<boolean> {
  const job = `/api/v1/jobs/${jobId}`;
  const post = async (name: string, body: unknown, statuses: readonly number[]): Promise<boolean> => {
    const answer = await call(run, random, [`POST /api/v1/jobs/:job_id/${name}`, `${job}/${name}`, body], statuses);
    return answer.status === 200;
  };
  switch (order) {
    case "cancel":
    case "discard":
      return post(order, undefined, [200, 409]);
    case "approval":
      return post("approval", { decision: random.pick(["approved", "rejected"]) }, [200, 409]);
    case "requeue":
      return post("requeue", random.pick([{}, { state: "start" }, { patch: { mended: true } }]), [200, 409]);
    case "bearer":
      return decideAsBearer(run, random, jobId);
    case "result":
      return reportTwice(run, random, `sequence-${number % 50}`);
    case "view":
      return (await call(run, random, ["GET /api/v1/jobs/:job_id", job])).status === 200;
    case "explain":
      return (await call(run, random, ["GET /api/v1/jobs/:job_id/explain", `${job}/explain`])).status === 200;
  }
}

async function decideAsBearer(run: Run, random: Random, jobId: string): Promise<boolean> {
  const { body: view } = await call(run, random, ["GET /api/v1/jobs/:job_id", `/api/v1/jobs/${jobId}`]);
  const token = (view["waiting_for"] as { token?: string } | null)?.token ?? "wrong";
  const path = `/_public/webhooks/approval/${jobId}`;
  const body = { decision: "approved", token };
  const answer = await call(run, random, ["POST /_public/webhooks/approval/:job_id", path, body], [200, 401]);
  return answer.status === 200;
}

/** The second time a worker is told what it was told the first time. */
async function reportTwice(run: Run, random: Random, worker: string): Promise<boolean> {
  const registration = { worker_id: worker, supported_tasks: ["work"], current_tasks: [] };
  if (random.chance(0.3)) await call(run, random, ["POST /_worker/workers/register", undefined, registration]);
  const poll = `/_worker/workers/${worker}/tasks/next?timeout=0.01`;
  const { status, body } = await call(run, random, ["GET /_worker/workers/:worker_id/tasks/next", poll], [200, 204]);
  if (status !== 200) return false;
  const result = random.pick([null, { data: { a: 1 } }, { status: "failure", error: { code: "PERMANENT_ERROR" } }]);
  const { job_id, task_id } = body;
  const report = { job_id, task_id, worker_id: worker, result };
  const first = await call(run, random, ["POST /_worker/tasks/result", undefined, report]);
  const second = await call(run, random, ["POST /_worker/tasks/result", undefined, report]);
  const wasApplied = first.body["status"] !== "ignored";
  if (wasApplied && JSON.stringify(first.body) !== JSON.stringify(second.body)) {
    run.blame(`the result of ${task_id} was told ${JSON.stringify(first.body)}, then ${JSON.stringify(second.body)}`);
  }
  return wasApplied;
}

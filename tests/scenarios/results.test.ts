import { expect, test } from "vitest";
import { flow, oneTask } from "./flows.ts";
import { openScene, type Scene } from "./harness.ts";

const x = { supported_tasks: ["x"] };
const { signal } = new AbortController();

/** A job whose second state counts its runs. */
const counted = (runs: string[]) => () => [
  flow({
    start: ({ actions }) => actions.dispatchTask({ taskType: "x", transitions: { success: "after" } }),
    after: ({ jobId, actions }) => {
      runs.push(jobId);
      return actions.transitionTo("done");
    },
  }),
];

/** Hands the only queued task to a worker that is not scripted. */
async function take(scene: Scene, id: string, delivered: "delivered" | "undelivered" | null = "delivered") {
  const poll = await scene.ask((engine) => engine.poll(id, { limit: 1, holdMs: 20_000, signal }));
  if (poll === null || poll.tasks.length === 0) return null;
  if (delivered !== null) poll[delivered]();
  return poll.tasks[0] as NonNullable<(typeof poll.tasks)[0]>;
}
function say(scene: Scene, worker: string, task: { jobId: string; taskId: string }, status = "success") {
  const report = { status, data: null, error: null };
  return scene.request((engine) => engine.results([{ ...task, worker, report }])).then(([verdict]) => verdict);
}
async function register(scene: Scene, id: string, record: object = x): Promise<void> {
  await scene.ask((engine) => engine.registerWorker(id, { worker_id: id, max_concurrent_tasks: 1, ...record }));
}

test("the same result twice, in parallel and in sequence, enters the next state once, with one and the same answer", async () => {
  const runs: string[] = [];
  const scene = await openScene({ blueprints: counted(runs) });
  const host = await scene.engine();
  const other = await scene.engine("f");
  await register(scene, "w");
  const jobId = await scene.create("flow");
  const task = await take(scene, "w");
  if (task === null) throw new Error("no task");
  const message = { ...task, worker: "w", report: { status: "success", data: null, error: null } };
  const both = [host, other].map((to) => scene.request((engine) => engine.results([message, message]), to));
  const applied = { outcome: "applied", answer: "success", single: true };
  expect((await scene.within(5000, Promise.all(both))).flat()).toEqual([applied, applied, applied, applied]);
  await scene.ended(jobId);
  expect(await scene.within(5000, say(scene, "w", task))).toEqual(applied);
  // A further result of the worker gets the verdict that the first one got.
  expect(await scene.within(5000, say(scene, "w", task, "failure"))).toEqual(applied);
  expect(runs).toEqual([jobId]);
});

test("results that are not applied say why: not_found, mismatch, stale", async () => {
  const scene = await openScene({ blueprints: counted([]) });
  await scene.engine();
  await register(scene, "w");
  const jobId = await scene.create("flow");
  const queued = { jobId, taskId: `${jobId}_1_0_1` };
  const reason = (worker: string, task: { jobId: string; taskId: string }) =>
    scene.within(5000, say(scene, worker, task));
  expect(await reason("w", queued)).toEqual({ outcome: "ignored", reason: "stale" });
  const task = await take(scene, "w");
  if (task === null) throw new Error("no task");
  expect(await reason("v", task)).toEqual({ outcome: "ignored", reason: "mismatch" });
  expect(await reason("w", { jobId, taskId: "nonsense" })).toEqual({ outcome: "ignored", reason: "not_found" });
  expect(await reason("w", { jobId, taskId: `${jobId}_1_1_1` })).toEqual({ outcome: "ignored", reason: "not_found" });
  expect(await reason("w", { jobId, taskId: `${jobId}_1_0_2` })).toEqual({ outcome: "ignored", reason: "not_found" });
  const other = jobId.replace(/^./, "f");
  expect(await reason("w", { ...task, jobId: other })).toEqual({ outcome: "ignored", reason: "not_found" });
  expect((await scene.job(jobId)).status).toBe("waiting_for_worker");
});

test("a result of an attempt that the engine ended is stale, and late once the job ended otherwise", async () => {
  const scene = await openScene({ blueprints: () => [oneTask({ timeoutSeconds: 20, retry: { maxRetries: 1 } })] });
  await scene.engine();
  await register(scene, "w");
  const jobId = await scene.create("flow");
  const task = await take(scene, "w");
  if (task === null) throw new Error("no task");
  await scene.reaches(jobId, (view) => view.details.task?.attempt === 2);
  expect(await scene.within(5000, say(scene, "w", task))).toEqual({ outcome: "ignored", reason: "stale" });
  const again = await take(scene, "w");
  expect(again).toMatchObject({ attempt: 2 });
  const view = await scene.ended(jobId);
  expect(view).toMatchObject({ status: "quarantined" });
  expect(view.error).toContain("TIMEOUT_ERROR");
  expect(await scene.within(5000, say(scene, "w", again as never))).toEqual({ outcome: "ignored", reason: "late" });
});

test("a worker that loses the connection after the server popped the task: another has it at once", async () => {
  const scene = await openScene({ blueprints: counted([]) });
  await scene.engine();
  await register(scene, "v");
  const jobId = await scene.create("flow");
  const lost = await take(scene, "v", "undelivered");
  const worker = scene.worker("w", x, () => ({}));
  const at = scene.elapsed;
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(scene.elapsed - at).toBeLessThan(500);
  expect(worker.got).toMatchObject([{ taskId: lost?.taskId, attempt: 1 }]);
});

test("a hand-out that its engine didn't confirm is offered again within 10 s, as the same attempt", async () => {
  const scene = await openScene({ blueprints: counted([]) });
  await scene.engine();
  await register(scene, "v");
  const jobId = await scene.create("flow");
  const lost = await take(scene, "v", null);
  const at = scene.elapsed;
  const worker = scene.worker("w", x, () => ({}));
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(scene.elapsed - at).toBeLessThan(11_000);
  expect(worker.got).toMatchObject([{ taskId: lost?.taskId, attempt: 1 }]);
});

test("until another worker has an attempt that was given back, the first one's result is applied", async () => {
  const scene = await openScene({ blueprints: counted([]) });
  await scene.engine();
  await register(scene, "v");
  const jobId = await scene.create("flow");
  const task = await take(scene, "v", "undelivered");
  await scene.advance(100);
  expect((await scene.job(jobId)).details.task?.state).toBe("queued");
  expect(await scene.within(5000, say(scene, "v", task as never))).toMatchObject({ outcome: "applied" });
  expect((await scene.ended(jobId)).status).toBe("finished");
});

test("the fifth unconfirmed hand-out of an attempt counts as WORKER_LOST_ERROR", async () => {
  const scene = await openScene({ blueprints: () => [oneTask({ retry: { maxRetries: 0 } })] });
  await scene.engine();
  await register(scene, "v");
  const jobId = await scene.create("flow");
  for (let handOut = 1; handOut <= 5; handOut++) expect(await take(scene, "v", null)).toMatchObject({ attempt: 1 });
  const view = await scene.ended(jobId);
  expect(view.status).toBe("quarantined");
  expect(view.error).toContain("WORKER_LOST_ERROR: 5 hand-outs of this attempt were not confirmed");
});

test("a worker that took a task and died: its lease ends with the liveness window, and another worker has it", async () => {
  const scene = await openScene({ blueprints: counted([]) });
  await scene.engine();
  const dead = scene.worker("v", x, () => null);
  const jobId = await scene.create("flow");
  await scene.until(() => dead.got.length === 1);
  dead.kill();
  const at = scene.elapsed;
  const worker = scene.worker("w", x, () => ({}));
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(worker.got).toMatchObject([{ attempt: 2 }]);
  expect(scene.elapsed - at).toBeGreaterThan(100_000);
  expect(scene.elapsed - at).toBeLessThan(125_000);
});

test("a worker that registers again is a new process: what it doesn't name is given back, as the same attempt", async () => {
  const scene = await openScene({ blueprints: counted([]) });
  await scene.engine();
  await register(scene, "v", { ...x, max_concurrent_tasks: 2 });
  const jobs = [await scene.create("flow"), await scene.create("flow")];
  const first = await take(scene, "v");
  const second = await take(scene, "v");
  await scene.advance(5000);
  await register(scene, "v", { ...x, max_concurrent_tasks: 2, current_tasks: [second?.taskId] });
  const again = await take(scene, "v");
  expect(again?.taskId).toBe(first?.taskId);
  for (const task of [again, second])
    expect(await scene.within(5000, say(scene, "v", task as never))).toMatchObject({ outcome: "applied" });
  for (const jobId of jobs) expect((await scene.ended(jobId)).status).toBe("finished");
});

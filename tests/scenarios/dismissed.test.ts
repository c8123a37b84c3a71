// Workers that may not come any more, and senders that don't say who they are.
import { expect, test } from "vitest";
import { oneTask } from "./flows.ts";
import { openScene, type Scene } from "./harness.ts";

const x = { supported_tasks: ["x"], max_concurrent_tasks: 1 };
const { signal } = new AbortController();
const applied = { outcome: "applied", answer: "success", single: true };

const register = (scene: Scene, id: string) =>
  scene.ask((engine) => engine.registerWorker(id, { worker_id: id, ...x }));
const poll = (scene: Scene, id: string, holdMs = 20_000) =>
  scene.request((engine) => engine.poll(id, { limit: 1, holdMs, signal }));

async function take(scene: Scene, id: string) {
  const answer = await scene.within(60_000, poll(scene, id));
  answer?.delivered();
  const [task] = answer?.tasks ?? [];
  if (task === undefined) throw new Error(`${id} got no task`);
  return task;
}

test("a dismissed worker's task goes to another at once, as the same attempt, and the worker is gone", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  const host = await scene.engine();
  await register(scene, "w");
  const jobId = await scene.create("flow");
  const task = await take(scene, "w");
  await register(scene, "v");
  const waits = poll(scene, "v");
  await scene.advance(100);
  const before = scene.elapsed;
  await scene.ask((engine) => engine.dismissWorker("w"));
  const answer = await scene.within(1000, waits);
  expect(answer?.tasks.map(({ taskId }) => taskId)).toEqual([task.taskId]);
  expect(scene.elapsed - before).toBeLessThan(200);
  answer?.delivered();
  expect(host.engine.workers().map(({ id, openTasks }) => [id, openTasks])).toEqual([["v", 1]]);
  const report = { status: "success", data: null, error: null };
  const [verdict] = await scene.ask((engine) => engine.results([{ ...task, worker: "v", report }]));
  expect(verdict).toEqual(applied);
  await scene.ended(jobId);
});

test("a poll that is cut is answered with nothing, and the task stays for others", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  const host = await scene.engine();
  await register(scene, "w");
  await register(scene, "v");
  const cut = poll(scene, "w");
  await scene.advance(100);
  host.engine.cutPoll("w");
  host.engine.cutPoll("nobody");
  expect((await scene.within(10, cut))?.tasks).toEqual([]);
  expect(host.engine.workers().map(({ id }) => id)).toEqual(["w", "v"]);
  await scene.create("flow");
  expect((await take(scene, "v")).type).toBe("x");
});

test("a dismissed worker that was told to stop a task needs not answer: its cancelled job keeps nothing of it", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  await register(scene, "w");
  const jobId = await scene.create("flow");
  const task = await take(scene, "w");
  await scene.ask((engine) => engine.cancel({ clientId: "client", admin: false }, jobId));
  const stops = async () => (await scene.ask((engine) => engine.heartbeat("w", null))).cancelTaskIds;
  expect(await stops()).toEqual([task.taskId]);
  await scene.ask((engine) => engine.dismissWorker("w"));
  expect(await stops()).toEqual([]);
});

test("leases are given back although the store is away when the worker is dismissed", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  const host = await scene.engine();
  await register(scene, "w");
  await scene.create("flow");
  const task = await take(scene, "w");
  scene.storeAway(true);
  const dismissed = scene.request((engine) => engine.dismissWorker("w"), host);
  await scene.advance(30_000);
  scene.storeAway(false);
  await scene.within(5000, dismissed);
  await register(scene, "v");
  expect((await take(scene, "v")).taskId).toBe(task.taskId);
});

test("a sender that names nobody may only have been certain workers, before, while and after they hold the task", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  const jobId = await scene.create("flow");
  const queued = { jobId, taskId: `${jobId}_1_0_1` };
  const say = async (mayBe: string, status = "success") => {
    const report = { status, data: null, error: null };
    const message = { ...queued, worker: "*", mayBe: (id: string) => id === mayBe, report };
    return (await scene.ask((engine) => engine.results([message])))[0];
  };
  expect(await say("w")).toEqual({ outcome: "ignored", reason: "stale" });
  await register(scene, "w");
  const task = await take(scene, "w");
  expect(task.taskId).toBe(queued.taskId);
  expect(await say("v")).toEqual({ outcome: "ignored", reason: "mismatch" });
  expect(await say("v", "failure")).toEqual({ outcome: "ignored", reason: "mismatch" });
  expect(await say("w")).toEqual(applied);
  expect(await say("w", "failure")).toEqual(applied);
  expect(await say("v")).toEqual({ outcome: "ignored", reason: "mismatch" });
  await scene.ended(jobId);
});

test("a task that was given back is still its last holder's, and nobody else's", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  await register(scene, "w");
  const jobId = await scene.create("flow");
  const task = await take(scene, "w");
  await register(scene, "w");
  const report = { status: "success", data: null, error: null };
  const say = async (mayBe: string) =>
    (
      await scene.ask((engine) =>
        engine.results([{ ...task, worker: "*", mayBe: (id: string) => id === mayBe, report }]),
      )
    )[0];
  const state = (holds: (id: string | null) => boolean) => scene.ask((engine) => engine.taskState(holds, task.taskId));
  expect([await state((id) => id === "w"), await state((id) => id === "v")]).toEqual(["open", "stale"]);
  expect(await say("v")).toEqual({ outcome: "ignored", reason: "stale" });
  expect(await say("w")).toEqual(applied);
  await scene.ended(jobId);
});

// Cancelling, deadlines, progress: what goes between the engine and a handler that runs.
import type { TaskContext } from "@avtomatika/worker";
import { expect, test } from "vitest";
import { scriptedEngine, workerOf } from "./scripted-engine.ts";

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("a handler gets what it needs to know", async () => {
  const engine = await scriptedEngine();
  const seen = Promise.withResolvers<TaskContext>();
  await workerOf(engine)
    .task("a", (_params, context) => seen.resolve(context))
    .start();
  const deadline = Math.floor(Date.now() / 1000) + 100;
  const [id] = engine.give({ type: "a", attempt: 3, job_id: "j", deadline });
  const { taskId, jobId, attempt, deadline: end, signal } = await seen.promise;
  expect([taskId, jobId, attempt, signal.aborted]).toEqual([id, "j", 3, false]);
  expect(end).toEqual(new Date(deadline * 1000));
});

test("a cancel in a heartbeat's answer aborts the signal; the answer is cancelled, whatever the handler does", async () => {
  const engine = await scriptedEngine();
  const reasons: string[] = [];
  const worker = workerOf(engine, { heartbeatIntervalMs: 20 })
    .task("throws", (_params, { signal }) => whenAborted(signal))
    .task("returns", async (_params, { signal }) => {
      await whenAborted(signal).catch((reason: Error) => reasons.push(`${reason.name}: ${reason.message}`));
      return { x: 1 };
    });
  await worker.start();
  const ids = engine.give({ type: "throws" }, { type: "returns" });
  await engine.until(() => engine.record["load"] === 2);
  engine.cancels = ids;
  for (const id of ids) expect(await engine.resultOf(id)).toEqual({ status: "cancelled" });
  expect(reasons).toEqual(["AbortError: the task was cancelled"]);
});

test("when the deadline passes the signal aborts as a timeout, and a handler that gives up is a TIMEOUT_ERROR", async () => {
  const engine = await scriptedEngine();
  let name = "";
  await workerOf(engine)
    .task("a", async (_params, { signal }) => {
      signal.addEventListener("abort", () => {
        name = (signal.reason as Error).name;
      });
      await whenAborted(signal);
    })
    .start();
  const [id] = engine.give({ type: "a", deadline: Date.now() / 1000 + 0.1 });
  const error = { code: "TIMEOUT_ERROR", message: "the task's deadline has passed" };
  expect(await engine.resultOf(id)).toEqual({ status: "failure", error });
  expect(name).toBe("TimeoutError");
});

test("a task whose deadline has passed isn't begun", async () => {
  const engine = await scriptedEngine();
  let runs = 0;
  await workerOf(engine)
    .task("a", () => {
      runs += 1;
    })
    .start();
  const [id] = engine.give({ type: "a", deadline: Date.now() / 1000 - 1 });
  expect((await engine.resultOf(id)).error.code).toBe("TIMEOUT_ERROR");
  expect(runs).toBe(0);
});

test("a handler that ignores its signal loses its slot after the grace", async () => {
  const engine = await scriptedEngine();
  const { promise: never } = Promise.withResolvers<void>();
  const worker = workerOf(engine, { maxConcurrentTasks: 1, abortGraceMs: 20 })
    .task("stuck", () => never)
    .task("a", () => {});
  await worker.start();
  const [id] = engine.give({ type: "stuck", deadline: Date.now() / 1000 + 0.05 });
  expect((await engine.resultOf(id)).error.code).toBe("TIMEOUT_ERROR");
  expect((await engine.resultOf(engine.give({ type: "a" })[0])).status).toBe("success");
});

test("deadlines are by the engine's clock: one an hour off makes no difference", async () => {
  const engine = await scriptedEngine();
  const hour = 3_600_000;
  engine.scripts.register = async (call) => {
    const date = new Date(Date.now() - hour).toUTCString();
    return { ...(await engine.usual(call)), headers: { date } };
  };
  engine.scripts.heartbeat = () => ({
    status: 200,
    body: {},
    headers: { date: new Date(Date.now() - hour).toUTCString() },
  });
  const polls = { sent: 0 };
  const seen = Promise.withResolvers<TaskContext>();
  engine.scripts.poll = (call) => {
    const headers = { date: new Date(Date.now() - hour).toUTCString() };
    const task = { task_id: "t", job_id: "j", type: "a", params: {}, deadline: (Date.now() - hour) / 1000 + 60 };
    return polls.sent++ === 0 ? { status: 200, body: { tasks: [task] }, headers } : engine.usual(call);
  };
  await workerOf(engine)
    .task("a", (_params, context) => seen.resolve(context))
    .start();
  const { deadline, signal } = await seen.promise;
  expect(Math.abs(deadline.getTime() - (Date.now() + 60_000))).toBeLessThan(5000);
  expect(signal.aborted).toBe(false);
});

test("progress travels in heartbeats, one a second for a task, the last one always and before the result", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine)
    .task("a", async (_params, { progress }) => {
      await progress(0.1);
      await engine.until(() => engine.of("heartbeat").some(({ body }) => body.progress !== undefined));
      for (let n = 2; n < 10; n++) await progress(n / 10);
      await progress(1, "done");
    })
    .start();
  const [id = ""] = engine.give({ type: "a" });
  await engine.resultOf(id);
  const reports = engine.of("heartbeat").flatMap(({ body }) => body.progress ?? []);
  expect(reports).toEqual([{ [id]: { progress: 0.1 } }, { [id]: { progress: 1, message: "done" } }]);
  const last = engine.calls.findLastIndex(({ body }) => body?.progress !== undefined);
  expect(last).toBeLessThan(engine.calls.findIndex(({ route }) => route === "result"));
});

test("progress that the engine didn't hear is told again", async () => {
  const engine = await scriptedEngine();
  let lost = 0;
  engine.scripts.heartbeat = (call) => (call.body.progress !== undefined && lost++ === 0 ? "cut" : engine.usual(call));
  const finish = Promise.withResolvers<void>();
  await workerOf(engine)
    .task("a", async (_params, { progress }) => {
      await progress(0.5);
      await finish.promise;
    })
    .start();
  const [id = ""] = engine.give({ type: "a" });
  await engine.until(() => engine.of("heartbeat").filter(({ body }) => body.progress?.[id]).length === 2);
  finish.resolve();
  await engine.resultOf(id);
});

test("progress that is no number is the handler's error, and nothing of it is sent", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine)
    .task("a", (_params, { progress }) => progress(Number.NaN))
    .start();
  const { error } = await engine.resultOf(engine.give({ type: "a" })[0]);
  expect(error.message).toBe("progress: expected a finite number, got NaN");
});

test("heartbeats go on after failures of every kind", async () => {
  const engine = await scriptedEngine();
  const replies = ["cut", { status: 500 }, { status: 401 }, { status: 200, raw: "null" }] as const;
  engine.scripts.heartbeat = (call) => replies[engine.of("heartbeat").length - 1] ?? engine.usual(call);
  await workerOf(engine, { heartbeatIntervalMs: 20 })
    .task("a", () => {})
    .start();
  await engine.until(() => engine.of("heartbeat").length === 6);
});

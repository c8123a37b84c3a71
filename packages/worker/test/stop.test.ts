import { expect, test } from "vitest";
import { scriptedEngine, workerOf } from "./scripted-engine.ts";

test("stop: draining, the running tasks end, their results arrive, offline; no task is asked for meanwhile", async () => {
  const engine = await scriptedEngine();
  const finish = Promise.withResolvers<object>();
  const worker = workerOf(engine).task("a", () => finish.promise);
  await worker.start();
  const [id] = engine.give({ type: "a" });
  await engine.until(() => engine.of("poll").length === 2);
  const stopped = worker.stop();
  await engine.until(() => engine.record["status"] === "draining");
  expect(worker.stop()).toBe(stopped);
  // The poll that was broken off may have had tasks in its answer: this gives them back.
  await engine.until(() => engine.of("register").length === 2);
  expect(engine.of("register")[1]?.body).toMatchObject({ status: "draining", current_tasks: [id] });
  finish.resolve({ x: 1 });
  await stopped;
  expect(engine.results.get(String(id))).toEqual({ status: "success", data: { x: 1 } });
  expect(engine.record).toMatchObject({ status: "offline", load: 0, current_tasks: [] });
  expect(engine.of("poll")).toHaveLength(2);
  expect(engine.calls.at(-1)?.route).toBe("heartbeat");
});

test("after the drain timeout signals abort; what is given up is a transient failure", async () => {
  const engine = await scriptedEngine();
  const { promise: never } = Promise.withResolvers<void>();
  const worker = workerOf(engine, { drainTimeoutMs: 20, abortGraceMs: 20 })
    .task("stuck", () => never)
    .task("heeds", (_params, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", reject)))
    .task(
      "finishes",
      (_params, { signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve({ x: 1 }))),
    );
  await worker.start();
  const ids = engine.give({ type: "stuck" }, { type: "heeds" }, { type: "finishes" });
  await engine.until(() => engine.record["load"] === 3);
  await worker.stop();
  const error = { code: "TRANSIENT_ERROR", message: "the worker stopped before the task was done" };
  expect(ids.map((id) => engine.results.get(id))).toEqual([
    { status: "failure", error },
    { status: "failure", error },
    { status: "success", data: { x: 1 } },
  ]);
  expect(engine.record["status"]).toBe("offline");
});

test("stop delivers results that an outage kept back", async () => {
  const engine = await scriptedEngine();
  engine.scripts.result = (call) => (engine.of("result").length < 3 ? "cut" : engine.usual(call));
  const worker = workerOf(engine).task("a", () => ({ x: 1 }));
  await worker.start();
  const [id] = engine.give({ type: "a" });
  await engine.until(() => engine.of("result").length === 1);
  await worker.stop();
  expect(engine.results.has(String(id))).toBe(true);
});

test("stop ends although the engine is gone for good", async () => {
  const engine = await scriptedEngine();
  engine.scripts.result = () => "cut";
  const worker = workerOf(engine, { drainTimeoutMs: 20 }).task("a", () => ({ x: 1 }));
  await worker.start();
  engine.give({ type: "a" });
  await engine.until(() => engine.of("result").length === 1);
  await engine.stop();
  await worker.stop();
});

test("stop before start does nothing; a stopped worker doesn't start again; tasks come before start", async () => {
  const engine = await scriptedEngine();
  const worker = workerOf(engine).task("a", () => {});
  await worker.stop();
  await worker.start();
  expect(worker.start()).toBe(worker.start());
  expect(() => worker.task("b", () => {})).toThrow("before start()");
  await worker.stop();
  await worker.stop();
  await expect(worker.start()).rejects.toThrow("has stopped");
});

test("run resolves when somebody stops the worker, also before the engine was reached", async () => {
  const engine = await scriptedEngine();
  const worker = workerOf(engine).task("a", () => {});
  const ran = worker.run();
  await engine.until(() => engine.of("poll").length === 1);
  await worker.stop();
  await ran;
  await engine.stop();
  const other = workerOf(engine).task("a", () => {});
  const ranToo = other.run();
  await other.stop();
  await ranToo;
});

test("run rejects where start does", async () => {
  const engine = await scriptedEngine();
  engine.scripts.register = () => ({ status: 401 });
  await expect(
    workerOf(engine)
      .task("a", () => {})
      .run(),
  ).rejects.toThrow("401");
  await expect(workerOf(engine).run()).rejects.toThrow("without a task");
});

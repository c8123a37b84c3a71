import { expect, test } from "vitest";
import { scriptedEngine, workerOf } from "./scripted-engine.ts";

test("a type at its limit leaves supported_tasks before the next poll, and comes back", async () => {
  const engine = await scriptedEngine();
  const finish = Promise.withResolvers<void>();
  const worker = workerOf(engine)
    .task("single", { maxConcurrent: 1 }, () => finish.promise)
    .task("any", () => {});
  await worker.start();
  await engine.until(() => engine.of("poll").length === 1);
  // No more than one: all of them could be of the limited type.
  expect(engine.of("poll")[0]?.url).toContain("limit=1&");
  let toldAt = Number.POSITIVE_INFINITY;
  engine.scripts.heartbeat = async (call) => {
    if (call.body.supported_tasks.length === 1) {
      // A slow answer: no poll may overtake it.
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      toldAt = Math.min(toldAt, performance.now());
    }
    return engine.usual(call);
  };
  const [id] = engine.give({ type: "single" });
  await engine.until(() => engine.of("poll").length === 2);
  expect(engine.of("poll")[1]?.at).toBeGreaterThan(toldAt);
  expect(engine.record["supported_tasks"]).toEqual(["any"]);
  expect(engine.of("poll")[1]?.url).toContain("limit=9&");
  finish.resolve();
  await engine.resultOf(id);
  await engine.until(() => (engine.record["supported_tasks"] as string[]).length === 2);
});

test("what was handed out beyond a type's limit runs later, and isn't lost", async () => {
  const engine = await scriptedEngine();
  const seen: number[] = [];
  let running = 0;
  const worker = workerOf(engine).task("single", { maxConcurrent: 1 }, async () => {
    seen.push(++running);
    await new Promise(setImmediate);
    running -= 1;
  });
  await worker.start();
  const ids = engine.give({ type: "single" }, { type: "single" }, { type: "single" });
  for (const id of ids) await engine.resultOf(id);
  expect(seen).toEqual([1, 1, 1]);
});

test("what was handed out beyond all slots runs later, too", async () => {
  const engine = await scriptedEngine();
  const seen: number[] = [];
  let running = 0;
  const worker = workerOf(engine, { maxConcurrentTasks: 2 }).task("a", async () => {
    seen.push(++running);
    await new Promise(setImmediate);
    running -= 1;
  });
  await worker.start();
  const ids = engine.give({ type: "a" }, { type: "a" }, { type: "a" }, { type: "a" });
  for (const id of ids) await engine.resultOf(id);
  expect(Math.max(...seen)).toBe(2);
});

test("a task that waits for its turn is cancelled without running", async () => {
  const engine = await scriptedEngine();
  const finish = Promise.withResolvers<void>();
  let runs = 0;
  const worker = workerOf(engine, { heartbeatIntervalMs: 20 }).task("single", { maxConcurrent: 1 }, () => {
    runs += 1;
    return finish.promise;
  });
  await worker.start();
  const [first, second] = engine.give({ type: "single" }, { type: "single" });
  engine.cancels = [String(second)];
  expect(await engine.resultOf(second)).toEqual({ status: "cancelled" });
  finish.resolve();
  await engine.resultOf(first);
  expect(runs).toBe(1);
});

test("load, status and tasks are told a moment after they change", async () => {
  const engine = await scriptedEngine();
  const finish = Promise.withResolvers<void>();
  await workerOf(engine, { maxConcurrentTasks: 1 })
    .task("a", () => finish.promise)
    .start();
  const [id] = engine.give({ type: "a" });
  await engine.until(() => engine.record["load"] === 1);
  expect(engine.record).toMatchObject({ status: "busy", current_tasks: [id], supported_tasks: ["a"] });
  finish.resolve();
  await engine.until(() => engine.record["load"] === 0);
  expect(engine.record).toMatchObject({ status: "idle", current_tasks: [] });
});

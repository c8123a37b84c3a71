// How often an engine is called: whatever it answers, and however quick the tasks are.
import { expect, test } from "vitest";
import { type Call, type Route, type Script, scriptedEngine, workerOf } from "./scripted-engine.ts";

/** The most calls within any second. */
function densest(calls: readonly Call[]): number {
  return Math.max(...calls.map(({ at }) => calls.filter((one) => one.at >= at && one.at < at + 1000).length));
}

test.each<[Route, object]>([
  ["register", {}],
  ["poll", {}],
  ["result", {}],
  ["heartbeat", { heartbeatIntervalMs: 20 }],
])("after a 429 a %s waits as long as Retry-After says, then it is made again", async (route, options) => {
  const engine = await scriptedEngine();
  const refused = { status: 429, body: { error: "too many", code: "rate_limited" }, headers: { "retry-after": "1" } };
  // Results of one tick travel together, in a call of their own.
  const made = () => engine.calls.filter((call) => call.route.replace(/s$/, "") === route);
  const script: Script = (call) => (made().length === 1 ? refused : engine.usual(call));
  engine.scripts[route] = script;
  if (route === "result") engine.scripts.results = script;
  const worker = workerOf(engine, options).task("a", { maxConcurrent: 1 }, () => {});
  await worker.start();
  // Work doesn't press it either: each task changes what the worker can take.
  for (let n = 0; n < 5; n++) engine.give({ type: "a" });
  await engine.until(() => made().length >= 2);
  const [first, second] = made();
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  await engine.until(() => engine.results.size === 5);
});

test("quick tasks of limited types make no storm of heartbeats", async () => {
  const engine = await scriptedEngine();
  const quick = async (): Promise<object> => ({});
  const worker = workerOf(engine).task("a", { maxConcurrent: 1 }, quick).task("b", { maxConcurrent: 1 }, quick);
  await worker.start();
  const began = performance.now();
  for (let n = 0; performance.now() - began < 1200; n++) {
    await engine.resultOf(engine.give({ type: n % 2 === 0 ? "a" : "b" })[0]);
  }
  expect(densest(engine.of("heartbeat"))).toBeLessThanOrEqual(18);
  // They aren't held up by it.
  expect(engine.results.size).toBeGreaterThan(40);
});

test("tasks that tell their progress make no storm of heartbeats", async () => {
  const engine = await scriptedEngine();
  const worker = workerOf(engine, { maxConcurrentTasks: 20 }).task("a", async (_params, { progress }) => {
    await progress(1);
  });
  await worker.start();
  const ids = engine.give(...Array.from({ length: 200 }, () => ({ type: "a" })));
  for (const id of ids) await engine.resultOf(id);
  expect(densest(engine.of("heartbeat"))).toBeLessThanOrEqual(18);
  const told = engine.of("heartbeat").flatMap(({ body }) => Object.keys(body.progress ?? {}));
  expect(new Set(told)).toEqual(new Set(ids));
});

import { expect, test } from "vitest";
import { type Reply, scriptedEngine, workerOf } from "./scripted-engine.ts";

test("a poll asks for as many tasks as there are free slots; they run side by side", async () => {
  const engine = await scriptedEngine();
  const finish = Promise.withResolvers<void>();
  let most = 0;
  let running = 0;
  const worker = workerOf(engine, { maxConcurrentTasks: 3 }).task("a", async () => {
    most = Math.max(most, ++running);
    await finish.promise;
    running -= 1;
  });
  await worker.start();
  engine.give({ type: "a" }, { type: "a" });
  await engine.until(() => engine.of("poll").length === 2);
  expect(engine.of("poll").map(({ url }) => new URL(url, engine.url).searchParams.get("limit"))).toEqual(["3", "1"]);
  const more = engine.give({ type: "a" }, { type: "a" }, { type: "a" });
  finish.resolve();
  await engine.resultOf(more[2]);
  expect(most).toBe(3);
});

const duplicate = { task_id: "same", job_id: "j", type: "a", params: {}, deadline: Date.now() / 1000 + 300 };

test.each<[string, Reply | "cut"]>([
  ["204", { status: 204 }],
  ["an empty list", { status: 200, body: { tasks: [] } }],
  ["an empty object", { status: 200, body: {} }],
  ["null", { status: 200, raw: "null" }],
  ["no JSON", { status: 200, raw: "<html>" }],
  ["a task without ids", { status: 200, body: { tasks: [{ type: "a" }, null, 5] } }],
  ["the same task again and again", { status: 200, body: { tasks: [duplicate] } }],
  ["401", { status: 401 }],
  ["429", { status: 429 }],
  ["404", { status: 404 }],
  ["500", { status: 500, raw: "broken" }],
  ["a redirect", { status: 302, headers: { location: "/elsewhere" } }],
  ["a closed socket", "cut"],
])("polls answered with %s at once come at most ten a second", async (name, reply) => {
  const engine = await scriptedEngine();
  engine.scripts.poll = () => reply;
  const { promise: never } = Promise.withResolvers<void>();
  const worker = workerOf(engine, { drainTimeoutMs: 0, abortGraceMs: 0 }).task("a", () => never);
  await worker.start();
  // The first of the same tasks is work: the poll after it may come at once.
  const first = name.startsWith("the same") ? 1 : 0;
  await engine.until(() => engine.of("poll").length === first + 4);
  const times = engine.of("poll").map(({ at }) => at);
  // On a busy machine the first may be noticed late, and the last at once.
  expect((times[first + 3] ?? 0) - (times[first] ?? 0)).toBeGreaterThan(3 * 100 - 40);
});

test("Retry-After is kept", async () => {
  const engine = await scriptedEngine();
  engine.scripts.poll = () => ({ status: 429, headers: { "retry-after": "1" } });
  await workerOf(engine)
    .task("a", () => {})
    .start();
  await engine.until(() => engine.of("poll").length === 2);
  const [first, second] = engine.of("poll");
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(950);
});

test("an engine without batches hands out the task itself", async () => {
  const engine = await scriptedEngine();
  let polls = 0;
  engine.scripts.poll = (call) => (polls++ === 0 ? { status: 200, body: duplicate } : engine.usual(call));
  await workerOf(engine)
    .task("a", () => ({ x: 1 }))
    .start();
  expect(await engine.resultOf("same")).toEqual({ status: "success", data: { x: 1 } });
});

test("a task that is offered again while it runs, runs once and is reported once", async () => {
  const engine = await scriptedEngine();
  let runs = 0;
  const finish = Promise.withResolvers<void>();
  await workerOf(engine)
    .task("a", () => {
      runs += 1;
      return finish.promise;
    })
    .start();
  const [id] = engine.give({ type: "a" });
  await engine.until(() => engine.of("poll").length === 2);
  engine.give({ type: "a", task_id: id });
  await engine.until(() => engine.of("poll").length === 3);
  finish.resolve();
  await engine.resultOf(id);
  expect([runs, engine.of("result").length]).toEqual([1, 1]);
});

test("connections stay open: a hundred tasks in a row need a handful", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine)
    .task("a", () => ({}))
    .start();
  for (let n = 0; n < 100; n++) await engine.resultOf(engine.give({ type: "a" })[0]);
  expect(new Set(engine.calls.map(({ socket }) => socket)).size).toBeLessThanOrEqual(4);
});

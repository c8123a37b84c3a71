import { InvalidInputError, PermanentError, TransientError } from "@avtomatika/worker";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Call, scriptedEngine, workerOf } from "./scripted-engine.ts";

const cycle: Record<string, unknown> = { a: {} };
cycle["a"] = { b: cycle };

test.each<[string, () => unknown, unknown]>([
  ["nothing", () => {}, { status: "success" }],
  ["an object", () => ({ x: 1, y: undefined }), { status: "success", data: { x: 1 } }],
  ["an empty object", () => ({}), { status: "success", data: {} }],
  ["a whole result", () => ({ status: "odd", data: { x: 1 } }), { status: "odd", data: { x: 1 } }],
  ["data alone", () => ({ data: { x: 1 } }), { data: { x: 1 } }],
  ["a status that is data", () => ({ status: 5 }), { status: "success", data: { status: 5 } }],
  ["more keys", () => ({ status: "a", extra: 1 }), { status: "success", data: { status: "a", extra: 1 } }],
  ["an array", () => [1], { status: "success" }],
  ["a number", () => 5, { status: "success" }],
  ["a Date", () => new Date(), { status: "success" }],
  ["what toJSON makes of it", () => ({ toJSON: () => ({ data: { x: 1 } }) }), { data: { x: 1 } }],
  [
    "an Error as error",
    () => ({ status: "failure", error: new PermanentError("no") }),
    { status: "failure", error: { code: "PERMANENT_ERROR", message: "no" } },
  ],
  [
    "a __proto__",
    () => JSON.parse('{"__proto__":{"x":1}}'),
    JSON.parse('{"status":"success","data":{"__proto__":{"x":1}}}'),
  ],
])("a handler may return %s", async (_name, returned, result) => {
  const engine = await scriptedEngine();
  await workerOf(engine)
    .task("a", returned as () => object)
    .start();
  expect(await engine.resultOf(engine.give({ type: "a" })[0])).toEqual(result);
});

test.each<[string, () => unknown, string, string]>([
  ["TransientError", () => raise(new TransientError("later")), "TRANSIENT_ERROR", "later"],
  ["PermanentError", () => raise(new PermanentError("never")), "PERMANENT_ERROR", "never"],
  ["InvalidInputError", () => raise(new InvalidInputError("what?")), "INVALID_INPUT_ERROR", "what?"],
  ["any other error", () => raise(new RangeError("oops")), "TRANSIENT_ERROR", "oops"],
  ["a text", () => raise("oops"), "TRANSIENT_ERROR", "oops"],
  ["what has no text", () => raise(Object.create(null)), "TRANSIENT_ERROR", "something was thrown that has no text"],
  ["a rejection", () => Promise.reject(new PermanentError("never")), "PERMANENT_ERROR", "never"],
  [
    "a BigInt",
    () => ({ a: [{ b: 1n }] }),
    "PERMANENT_ERROR",
    "result.a[0].b is a BigInt (use a string), which can't be sent as JSON",
  ],
  ["a cycle", () => cycle, "PERMANENT_ERROR", "result.a.b contains itself, which can't be sent as JSON"],
  [
    "NaN",
    () => ({ data: { "a b": Number.NaN } }),
    "PERMANENT_ERROR",
    'result.data["a b"] is NaN, which can\'t be sent as JSON',
  ],
  ["a toJSON that throws", () => ({ x: { toJSON: () => raise(new Error("oops")) } }), "PERMANENT_ERROR", "oops"],
])("a failure: %s", async (_name, fail, code, message) => {
  const engine = await scriptedEngine();
  await workerOf(engine, { maxConcurrentTasks: 1 })
    .task("a", fail as () => object)
    .task("b", () => ({ ok: true }))
    .start();
  expect(await engine.resultOf(engine.give({ type: "a" })[0])).toEqual({ status: "failure", error: { code, message } });
  // The only slot is free again.
  expect(await engine.resultOf(engine.give({ type: "b" })[0])).toEqual({ status: "success", data: { ok: true } });
});

test("a type that this worker doesn't know is a permanent failure", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine)
    .task("a", () => {})
    .start();
  const error = { code: "PERMANENT_ERROR", message: "Unsupported task: b" };
  expect(await engine.resultOf(engine.give({ type: "b" })[0])).toEqual({ status: "failure", error });
});

test("params that violate the schema are answered by themselves; what fits arrives as the schema gives it", async () => {
  const engine = await scriptedEngine();
  const schema = z.object({ file: z.string(), size: z.coerce.number() });
  await workerOf(engine)
    .task("a", { schema }, ({ file, size }) => ({ file, double: size * 2 }))
    .start();
  const [good, bad] = engine.give(
    { type: "a", params: { file: "x", size: "4", more: 1 } },
    { type: "a", params: { file: 5, size: 1 } },
  );
  expect(await engine.resultOf(good)).toEqual({ status: "success", data: { file: "x", double: 8 } });
  const { error } = await engine.resultOf(bad);
  expect(error.code).toBe("INVALID_INPUT_ERROR");
  expect(error.message).toMatch(/^params\.file: /);
});

test("results of one tick travel together, a single one alone", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine)
    .task("a", ({ n }) => ({ n }))
    .start();
  await engine.resultOf(engine.give({ type: "a" })[0]);
  expect(engine.calls.at(-1)?.route).toMatch(/result$|poll|heartbeat/);
  const ids = engine.give(...[1, 2, 3].map((n) => ({ type: "a", params: { n } })));
  for (const [at, id] of ids.entries()) expect((await engine.resultOf(id)).data).toEqual({ n: at + 1 });
  expect([engine.of("result").length, engine.of("results").length]).toEqual([1, 1]);
});

test.each([503, 500, 429, 401, 404, 0])("a result answered %s is kept and sent again", async (status) => {
  const engine = await scriptedEngine();
  engine.scripts.result = (call) => {
    if (engine.of("result").length > 3) return engine.usual(call);
    return status === 0 ? "cut" : { status };
  };
  await workerOf(engine)
    .task("a", () => ({ x: 1 }))
    .start();
  expect(await engine.resultOf(engine.give({ type: "a" })[0])).toEqual({ status: "success", data: { x: 1 } });
});

test("while results can't be delivered no task is asked for, and after the outage all of them arrive", async () => {
  const engine = await scriptedEngine();
  let away = true;
  const script = (call: Call) => (away ? ("cut" as const) : engine.usual(call));
  engine.scripts.result = script;
  engine.scripts.results = script;
  await workerOf(engine)
    .task("a", ({ n }) => ({ n }))
    .start();
  const ids = engine.give({ type: "a", params: { n: 1 } }, { type: "a", params: { n: 2 } });
  // At the second try the worker knows that the first one failed.
  await engine.until(() => engine.of("results").length === 2);
  // The poll that is parked already brings one more task.
  ids.push(...engine.give({ type: "a", params: { n: 3 } }));
  await engine.until(() => engine.of("results").at(-1)?.body.results.length === 3);
  const polls = engine.of("poll").length;
  const tries = engine.of("results").length;
  await engine.until(() => engine.of("results").length === tries + 1);
  expect([polls, engine.of("poll").length]).toEqual([2, 2]);
  away = false;
  for (const [at, id] of ids.entries()) expect((await engine.resultOf(id)).data).toEqual({ n: at + 1 });
  expect(await engine.resultOf(engine.give({ type: "a", params: { n: 4 } })[0])).toMatchObject({ data: { n: 4 } });
});

test("a result that is too large becomes a permanent failure, alone and in a batch", async () => {
  const engine = await scriptedEngine();
  const bound = (call: Call) => (JSON.stringify(call.body).length > 5000 ? { status: 413 } : engine.usual(call));
  engine.scripts.result = bound;
  engine.scripts.results = bound;
  await workerOf(engine)
    .task("a", ({ size }) => ({ text: "x".repeat(size) }))
    .start();
  const [large] = engine.give({ type: "a", params: { size: 9000 } });
  const message = /^the result is larger than the engine takes \(9\d\d\d bytes\)$/;
  const failed = { status: "failure", error: { code: "PERMANENT_ERROR", message: expect.stringMatching(message) } };
  expect(await engine.resultOf(large)).toEqual(failed);
  const ids = engine.give(...[10, 9000, 20].map((size) => ({ type: "a", params: { size } })));
  expect((await engine.resultOf(ids[0])).status).toBe("success");
  expect(await engine.resultOf(ids[1])).toEqual(failed);
  expect((await engine.resultOf(ids[2])).status).toBe("success");
});

test("a result that is refused in every form gives its slot back", async () => {
  const engine = await scriptedEngine();
  const refuse = (call: Call) => (JSON.stringify(call.body).includes('"bad"') ? { status: 400 } : engine.usual(call));
  engine.scripts.result = refuse;
  engine.scripts.results = refuse;
  await workerOf(engine, { maxConcurrentTasks: 1 })
    .task("a", () => ({ x: 1 }))
    .start();
  engine.give({ type: "a", job_id: "bad" });
  await engine.until(() => engine.of("result").length === 2);
  expect(engine.of("result")[1]?.body.result.error.code).toBe("PERMANENT_ERROR");
  await engine.resultOf(engine.give({ type: "a" })[0]);
  const now = performance.now();
  await engine.until(() => (engine.of("heartbeat").at(-1)?.at ?? 0) > now);
  expect(engine.record["current_tasks"]).toEqual([]);
  expect(engine.of("result").filter(({ body }) => body.job_id === "bad")).toHaveLength(2);
});

test("an engine without the batch route gets results one by one", async () => {
  const engine = await scriptedEngine();
  engine.scripts.results = () => ({ status: 404 });
  await workerOf(engine)
    .task("a", () => ({ x: 1 }))
    .start();
  for (const id of engine.give({ type: "a" }, { type: "a" })) await engine.resultOf(id);
  expect(engine.of("result")).toHaveLength(2);
});

test("a verdict of ignored is an acknowledgement", async () => {
  const engine = await scriptedEngine();
  engine.scripts.result = () => ({ status: 200, body: { status: "ignored", reason: "stale" } });
  await workerOf(engine)
    .task("a", () => {})
    .start();
  engine.give({ type: "a" });
  await engine.until(() => engine.of("result").length === 1);
  await engine.until(() => engine.record["load"] === 0);
  expect(engine.record["current_tasks"]).toEqual([]);
  expect(engine.of("result")).toHaveLength(1);
});

function raise(error: unknown): never {
  throw error;
}

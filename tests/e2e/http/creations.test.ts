import { acceptedAnswer, batchAnswer, errorAnswer, jobView, violations } from "@avtomatika/protocol";
import { expect, test } from "vitest";
import { serve } from "./served.ts";

test("a creation is answered 202 with the job's id, and with ?wait by the view of the ended job", async () => {
  const served = await serve();
  const accepted = await served.client("POST", "/api/v1/quick", { body: { a: 1 } });
  expect(accepted.status).toBe(202);
  expect(violations(acceptedAnswer, accepted.body)).toEqual([]);
  const ended = await served.client("POST", "/api/v1/quick?wait=30", { body: { a: 1 } });
  expect(ended.status).toBe(200);
  expect(violations(jobView, ended.body)).toEqual([]);
  expect(ended.body).toMatchObject({ status: "finished", result: { got: { a: 1 } }, current_state: "end" });
});

test("with ?wait a job that has not ended when the time is over is answered 202", async () => {
  const served = await serve();
  const { status, body } = await served.client("POST", "/api/v1/sleeper?wait=0.05", { body: {} });
  expect(status).toBe(202);
  expect(body.status).toBe("accepted");
});

test.each([
  [{ a: 1 }, { a: 1 }],
  [{}, {}],
  [{ initial_data: { a: 1 }, priority: 5 }, { a: 1 }],
  [{ initial_data: null, a: 1 }, {}],
  [{ webhook_url: null, a: 1 }, {}],
  [
    { priority: 5, metadata: 1 },
    { priority: 5, metadata: 1 },
  ],
  [{ initial_data: { b: 2 }, metadata: null, unknown: 1 }, { b: 2 }],
])("a body is an envelope if and only if it has initial_data or webhook_url: %j", async (body, initialData) => {
  const served = await serve();
  const view = await served.view(await served.create("quick", body));
  expect(view.initial_data).toEqual(initialData);
});

test.each([
  ["[1]", "body: expected an object, got an array of 1"],
  ['"x"', 'body: expected an object, got a string ("x")'],
  ["null", "body: expected an object, got nothing"],
  ["", "body: expected an object, got nothing"],
  ['{"initial_data": 5}', "initial_data: expected an object, got a number (5)"],
  ['{"initial_data": [1]}', "initial_data: expected an object, got an array of 1"],
  ['{"initial_data": {}, "priority": "high"}', 'priority: expected a number from -1000 to 1000, got a string ("high")'],
  [
    '{"initial_data": {}, "dispatch_timeout": -1}',
    "dispatch_timeout: expected a number of seconds above 0, got a number (-1)",
  ],
  ['{"initial_data": {}, "metadata": "m"}', 'metadata: expected an object, got a string ("m")'],
  [`{"initial_data": {}, "metadata": {"m": "${"x".repeat(17_000)}"}}`, "metadata: 17008 bytes, 16384 are allowed"],
  ['{"a": NaN}', /^the body has "NaN", a number that JSON can't hold, /],
  ['{"a": 1e400}', /^the body has "1e400", a number that JSON can't hold, /],
  ['{"a": ', /^the body is not JSON: it ends /],
  [`{"a": ${"[".repeat(100)}${"]".repeat(100)}}`, /^the body is nested deeper than 100 levels /],
])("a bad body is a 400 that says what is wrong: %s", async (raw, message) => {
  const served = await serve();
  const { status, body } = await served.client("POST", "/api/v1/quick", { raw });
  expect(status).toBe(400);
  expect(violations(errorAnswer, body)).toEqual([]);
  if (typeof message === "string") expect(body.error).toBe(message);
  else expect(body.error).toMatch(message);
  expect(body.code).toBe("invalid_request");
});

test("a webhook_url is refused as long as nothing would be sent", async () => {
  const served = await serve();
  const { status, body } = await served.client("POST", "/api/v1/quick", {
    body: { webhook_url: "https://example.org" },
  });
  expect([status, body.error]).toEqual([400, "webhook_url: this version sends no webhooks, leave it out"]);
});

test("data that violates the blueprint's schema is a 400 that lists the issues; its output is the initial data", async () => {
  const served = await serve();
  const { status, body } = await served.client("POST", "/api/v1/typed", { body: { file: 1, size: "x" } });
  expect(status).toBe(400);
  expect(body.details).toHaveLength(2);
  expect(body.details[0]).toMatch(/^initial_data\.file: /);
  const ended = await served.client("POST", "/api/v1/typed?wait=30", { body: { file: "a" } });
  expect(ended.body.result).toEqual({ size: 1 });
});

test("hostile keys are data and never reach a prototype; big integers keep their digits", async () => {
  const served = await serve();
  const raw =
    '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "n": 12345678901234567890}';
  const response = await served.client("POST", "/api/v1/quick", { raw });
  const { body } = await served.client("GET", `/api/v1/jobs/${response.body.job_id}?wait=30`);
  expect(Object.hasOwn(body.initial_data, "__proto__")).toBe(true);
  expect(body.initial_data.n).toBe("12345678901234567890");
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("the same Idempotency-Key and body give the same job with 200, another body is a 409", async () => {
  const served = await serve();
  const headers = { "idempotency-key": "order-7" };
  const first = await served.client("POST", "/api/v1/quick", { raw: '{"a": 1, "b": {"c": 2, "d": 3}}', headers });
  const again = await served.client("POST", "/api/v1/quick", { raw: '{"b":{"d":3,"c":2},"a":1.0}', headers });
  expect([first.status, again.status]).toEqual([202, 200]);
  expect(again.body).toEqual(first.body);
  for (const [path, body] of [
    ["/api/v1/quick", { a: 2 }],
    ["/api/v1/quick", { initial_data: { a: 1, b: { c: 2, d: 3 } } }],
    ["/api/v1/work", { a: 1, b: { c: 2, d: 3 } }],
  ] as const) {
    const other = await served.client("POST", path, { body, headers });
    expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
  }
});

test("a refused creation doesn't use its key, and a key has 1 to 255 characters", async () => {
  const served = await serve();
  const headers = { "idempotency-key": "k".repeat(255) };
  expect((await served.client("POST", "/api/v1/typed", { body: { file: 1 }, headers })).status).toBe(400);
  expect((await served.client("POST", "/api/v1/typed", { body: { file: "a" }, headers })).status).toBe(202);
  for (const key of ["", "k".repeat(256)]) {
    const { status, body } = await served.client("POST", "/api/v1/quick", {
      body: {},
      headers: { "idempotency-key": key },
    });
    expect(status).toBe(400);
    expect(body.error).toMatch(/^Idempotency-Key: expected 1 to 255 characters/);
  }
});

test("a batch judges each entry on its own, in order; the key stands for one key per entry", async () => {
  const served = await serve();
  const jobs = [{ file: "a" }, { file: 1 }, 5, { initial_data: { file: "b" } }];
  const headers = { "idempotency-key": "batch" };
  const { status, body } = await served.client("POST", "/api/v1/typed/batch", { body: { jobs }, headers });
  expect(status).toBe(202);
  expect(violations(batchAnswer, body)).toEqual([]);
  expect(body.jobs.map((job: { status: string }) => job.status)).toEqual([
    "accepted",
    "rejected",
    "rejected",
    "accepted",
  ]);
  expect(body.jobs[2]).toEqual({
    status: "rejected",
    error: "body: expected an object, got a number (5)",
    code: "invalid_request",
  });
  const again = await served.client("POST", "/api/v1/typed/batch", { body: { jobs }, headers });
  expect(again.body).toEqual(body);
  const single = await served.client("POST", "/api/v1/typed", {
    body: jobs[0],
    headers: { "idempotency-key": "batch#0" },
  });
  expect([single.status, single.body.job_id]).toEqual([200, body.jobs[0].job_id]);
});

test.each([[{ jobs: [] }], [{ jobs: Array(1001).fill({}) }], [{}], [[]]])(
  "a batch has 1 to 1000 entries",
  async (body) => {
    const served = await serve();
    const { status } = await served.client("POST", "/api/v1/quick/batch", { body });
    expect(status).toBe(400);
  },
);

test("bodies past their bound are a 413 that names it: 1 MiB, batches 32 MiB", async () => {
  const served = await serve();
  const body = { a: "x".repeat(1024 * 1024) };
  const { status, body: answer } = await served.client("POST", "/api/v1/quick", { body });
  expect([status, answer.code, answer.error]).toEqual([413, "limit_exceeded", "the body is larger than 1048576 bytes"]);
  expect((await served.client("POST", "/api/v1/quick/batch", { body: { jobs: [body] } })).status).toBe(202);
});

test("only traceparent and tracestate of a request go on to its tasks, and only in the right form", async () => {
  const served = await serve();
  await served.register("w");
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const headers = { traceparent, tracestate: "vendor=1", baggage: "secret=1", "x-secret": "1" };
  await served.client("POST", "/api/v1/work", { body: {}, headers });
  expect((await served.take("w")).tracing_context).toEqual({ traceparent, tracestate: "vendor=1" });
  await served.client("POST", "/api/v1/work", {
    body: {},
    headers: { traceparent: "00-zz-00f067aa0ba902b7-01", tracestate: "a=1" },
  });
  expect((await served.take("w")).tracing_context).toEqual({
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
  });
});

test("createJob makes jobs without HTTP, and throws where HTTP would refuse", async () => {
  const { engine, view } = await serve().then((served) => ({
    engine: served.engine,
    view: (id: string) => served.view(id, 30),
  }));
  const id = await engine.createJob("quick", { a: 1 }, { priority: 3, metadata: { m: 1 }, idempotencyKey: "k" });
  expect(await view(id)).toMatchObject({ result: { got: { a: 1 } }, metadata: { m: 1 } });
  expect(await engine.createJob("quick", { a: 1 }, { idempotencyKey: "k", priority: 3, metadata: { m: 1 } })).toBe(id);
  await expect(engine.createJob("quick", { a: 2 }, { idempotencyKey: "k" })).rejects.toMatchObject({
    code: "idempotency_conflict",
  });
  await expect(engine.createJob("quik")).rejects.toThrow('there is no blueprint "quik", did you mean "quick"?');
  await expect(engine.createJob("typed", { file: 1 })).rejects.toMatchObject({ code: "invalid_argument" });
  const odd = { prioity: 1 } as object;
  await expect(engine.createJob("quick", {}, odd)).rejects.toThrow(
    'unknown option "prioity", did you mean "priority"?',
  );
});

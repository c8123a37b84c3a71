// Workers with tokens of their own: each speaks for itself, and nobody else does.
import { errorAnswer, resultsAnswer, violations } from "@avtomatika/protocol";
import { expect, test } from "vitest";
import { AccessFiles, type Call, workerOf } from "./access-files.ts";
import { type Answer, type Served, serve, tokens } from "./served.ts";

const workers = `
[a]
token = "a-token"
[b]
token = "b-token"
description = "in the cellar"
`;

/** An engine with two listed workers and a shared token; answers their calls. */
async function open(overrides: Parameters<typeof serve>[0] = {}) {
  const files = new AccessFiles();
  files.write("workers", workers);
  const served = await serve({ workersConfigPath: files.workers, ...overrides });
  const [a, b, shared] = [
    workerOf(served, "a-token"),
    workerOf(served, "b-token"),
    workerOf(served, tokens.workerToken),
  ];
  return { served, a, b, shared };
}

const register = (call: Call, id: string) =>
  call("POST", "/_worker/workers/register", { body: { worker_id: id, supported_tasks: ["work"] } });
async function take(call: Call, id: string): Promise<Answer["body"]> {
  for (;;) {
    const { status, body } = await call("GET", `/_worker/workers/${id}/tasks/next`);
    if (status === 200) return body;
  }
}
/** A task of a fresh job that a worker holds. */
async function held(served: Served, call: Call, id: string): Promise<{ job_id: string; task_id: string }> {
  expect((await register(call, id)).status).toBe(200);
  await served.create("work");
  const { job_id, task_id } = await take(call, id);
  return { job_id, task_id };
}

/** Every call that names a worker, in path or body. */
const calls: [string, string, (id: string) => [path: string, body?: object]][] = [
  ["a registration", "POST", (id) => ["/_worker/workers/register", { worker_id: id, supported_tasks: ["work"] }]],
  ["a heartbeat", "PATCH", (id) => [`/_worker/workers/${id}`, { load: 1 }]],
  ["an empty heartbeat", "PATCH", (id) => [`/_worker/workers/${id}`]],
  ["a result", "POST", (id) => ["/_worker/tasks/result", { job_id: "j", task_id: "t", worker_id: id, result: null }]],
];

test.each(calls)(
  "%s is welcome by a worker's own token, or the shared one if it has none",
  async (_what, method, to) => {
    const { a, shared } = await open();
    const status = async (call: Call, id: string) => {
      const [path, body] = to(id);
      return (await call(method, path, { body })).status;
    };
    expect([await status(a, "a"), await status(shared, "c")]).toEqual([200, 200]);
  },
);

test.each(calls)(
  "%s of another worker is 403, and so is one by the shared token for a listed worker",
  async (_what, method, to) => {
    const { served, a, shared } = await open();
    const refused = async (call: Call, id: string) => {
      const [path, body] = to(id);
      const answer = await call(method, path, { body });
      expect([answer.status, answer.body.code, violations(errorAnswer, answer.body)]).toEqual([403, "forbidden", []]);
      return answer.body.error;
    };
    expect(await refused(a, "b")).toBe('the token is that of worker "a", which may not speak for "b"');
    expect(await refused(a, "c")).toBe('the token is that of worker "a", which may not speak for "c"');
    expect(await refused(shared, "b")).toBe(
      'worker "b" has a token of its own (workers.toml): the shared one doesn\'t let it in',
    );
    expect((await served.client("GET", "/api/v1/workers")).body).toEqual([]);
  },
);

test("a heartbeat whose body names another worker is 403", async () => {
  const { a } = await open();
  const { status, body } = await a("PATCH", "/_worker/workers/a", { body: { worker_id: "b", load: 1 } });
  expect([status, body.code]).toEqual([403, "forbidden"]);
});

test("a poll for another worker is 403 after the pause, and takes no task", async () => {
  const { served, a, b } = await open();
  await register(b, "b");
  await served.create("work");
  const began = performance.now();
  const { status, body } = await a("GET", "/_worker/workers/b/tasks/next");
  expect([status, body.code]).toEqual([403, "forbidden"]);
  expect(performance.now() - began).toBeGreaterThan(4900);
  expect((await take(b, "b")).type).toBe("work");
});

test("a result without worker_id is the worker's of its own token", async () => {
  const { served, a, b } = await open();
  const task = await held(served, a, "a");
  const say = async (call: Call) =>
    (await call("POST", "/_worker/tasks/result", { body: { ...task, result: null } })).body;
  expect(await say(b)).toEqual({ status: "ignored", reason: "mismatch" });
  expect(await say(a)).toEqual({ status: "result_accepted_success" });
  expect(await say(a)).toEqual({ status: "result_accepted_success" });
});

test("a result without worker_id by the shared token is never a listed worker's", async () => {
  const { served, a, shared } = await open();
  const say = async (task: object) =>
    (await shared("POST", "/_worker/tasks/result", { body: { ...task, result: null } })).body;
  const task = await held(served, a, "a");
  expect(await say(task)).toEqual({ status: "ignored", reason: "mismatch" });
  expect((await served.view(task.job_id)).status).toBe("waiting_for_worker");
  expect((await a("POST", "/_worker/tasks/result", { body: { ...task, result: null } })).status).toBe(200);
  const other = await held(served, shared, "c");
  expect(await say(other)).toEqual({ status: "result_accepted_success" });
});

test("in a batch only the entries that the token may not send are ignored, in order", async () => {
  const { served, a, b, shared } = await open();
  const tasks = [await held(served, a, "a"), await held(served, b, "b"), await held(served, shared, "c")];
  const [ofA, ofB, ofC] = tasks.map((task, at) => ({ ...task, worker_id: "abc"[at], result: null }));
  const send = async (call: Call, results: unknown[]) => {
    const { status, body } = await call("POST", "/_worker/tasks/results", { body: { results } });
    expect([status, violations(resultsAnswer, body)]).toEqual([200, []]);
    return body.results;
  };
  const mismatch = { status: "ignored", reason: "mismatch" };
  const accepted = { status: "result_accepted_success" };
  expect(await send(a, [ofB, ofC])).toEqual([mismatch, mismatch]);
  expect(await send(shared, [ofA, ofC, ofB, { ...tasks[0], result: null }])).toEqual([
    mismatch,
    accepted,
    mismatch,
    mismatch,
  ]);
  expect(await send(a, [ofB, ofA, { ...tasks[0], result: null }])).toEqual([mismatch, accepted, accepted]);
  expect(await send(b, [{ ...tasks[1], result: null }])).toEqual([accepted]);
});

test("what became of a task is told to its worker alone", async () => {
  const { served, a, b, shared } = await open();
  const state = async (call: Call, id: string) => (await call("GET", `/_worker/tasks/${id}`)).body.state;
  const { task_id: listed } = await held(served, a, "a");
  expect([await state(a, listed), await state(b, listed), await state(shared, listed)]).toEqual([
    "open",
    "stale",
    "stale",
  ]);
  const { task_id: other } = await held(served, shared, "c");
  expect([await state(a, other), await state(shared, other)]).toEqual(["stale", "open"]);
  expect(await state(a, "none")).toBe("stale");
});

test("beside a file only a shared token that was set lets other workers in", async () => {
  const { served, a } = await open({ globalWorkerToken: undefined });
  expect((await register(workerOf(served, "secure-worker-token"), "c")).status).toBe(401);
  expect((await register(a, "a")).status).toBe(200);
});

test("a worker's token is unknown to the clients' routes, and a client's to the workers'", async () => {
  const { served } = await open();
  const headers = { "x-client-token": "a-token", "x-worker-token": "a-token" };
  expect((await served.call("GET", "/api/v1/jobs", { headers })).status).toBe(401);
  expect((await workerOf(served, tokens.clientToken)("GET", "/_worker/tasks/x")).status).toBe(401);
});

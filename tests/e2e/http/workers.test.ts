import {
  dashboard,
  heartbeatAnswer,
  refreshAnswer,
  registrationAnswer,
  resultAnswer,
  resultsAnswer,
  task as taskSchema,
  taskStateAnswer,
  tasksAnswer,
  violations,
  workersAnswer,
} from "@avtomatika/protocol";
import { expect, test } from "vitest";
import { serve } from "./served.ts";

test("a worker registers, polls, reports: the life of a task", async () => {
  const served = await serve();
  const body = {
    worker_id: "w",
    supported_tasks: ["work"],
    max_concurrent_tasks: 2,
    resources: { cpu_cores: 4, gpu_info: null },
  };
  const registered = await served.worker("POST", "/_worker/workers/register", { body });
  expect([registered.status, violations(registrationAnswer, registered.body)]).toEqual([200, []]);
  const id = await served.create("work", { n: 1 });
  const task = await served.take("w");
  expect(violations(taskSchema, task)).toEqual([]);
  expect(task).toMatchObject({ job_id: id, type: "work", params: { n: 1 }, priority: 0, attempt: 1 });
  expect(task.deadline).toBeGreaterThan(Date.now() / 1000 + 290);
  const open = await served.worker("GET", `/_worker/tasks/${task.task_id}`);
  expect([violations(taskStateAnswer, open.body), open.body.state]).toEqual([[], "open"]);
  expect(await served.report(task, "w", { status: "success", data: { x: 1 } })).toEqual({
    status: "result_accepted_success",
  });
  expect((await served.view(id, 30)).state_history).toEqual({ x: 1 });
  expect((await served.worker("GET", `/_worker/tasks/${task.task_id}`)).body.state).toBe("stale");
  expect((await served.worker("GET", "/_worker/tasks/none")).body).toEqual({ task_id: "none", state: "stale" });
});

test("a poll without a task is answered 204 when its time is over, and with ?timeout sooner", async () => {
  const served = await serve({ workerPollTimeoutSeconds: 30 });
  await served.register("w");
  const { status, body } = await served.worker("GET", "/_worker/workers/w/tasks/next?timeout=0.05");
  expect([status, body]).toEqual([204, ""]);
});

test("with ?limit a poll brings a list of tasks", async () => {
  const served = await serve();
  for (let n = 0; n < 3; n++) await served.create("work", { n });
  await served.register("w");
  const { status, body } = await served.worker("GET", "/_worker/workers/w/tasks/next?limit=2");
  expect([status, violations(tasksAnswer, body)]).toEqual([200, []]);
  expect(body.tasks).toHaveLength(2);
  expect((await served.worker("GET", "/_worker/workers/w/tasks/next?limit=101&timeout=0")).status).toBe(400);
});

test("an older poll of the same worker is answered 204 by a newer one, not sooner than a second after it began", async () => {
  const served = await serve({ workerPollTimeoutSeconds: 30 });
  await served.register("w");
  const began = performance.now();
  const older = served.worker("GET", "/_worker/workers/w/tasks/next");
  await expect.poll(() => served.client("GET", "/api/v1/workers").then(({ body }) => body.length)).toBe(1);
  const newer = served.worker("GET", "/_worker/workers/w/tasks/next");
  expect((await older).status).toBe(204);
  expect(performance.now() - began).toBeGreaterThan(950);
  await served.create("work");
  expect((await newer).status).toBe(200);
});

test("when the socket of a poll closes, its worker gets the next task by the next poll", async () => {
  const served = await serve({ workerPollTimeoutSeconds: 30 });
  await served.register("w");
  const controller = new AbortController();
  const poll = served.worker("GET", "/_worker/workers/w/tasks/next", { signal: controller.signal });
  controller.abort();
  await expect(poll).rejects.toThrow();
  const id = await served.create("work");
  expect((await served.take("w")).job_id).toBe(id);
});

test("a HEAD takes no task", async () => {
  const served = await serve();
  const id = await served.create("work");
  await served.register("w");
  void served.worker("HEAD", "/_worker/workers/w/tasks/next").catch(() => {});
  expect((await served.take("w")).job_id).toBe(id);
});

test.each([
  [
    "wrapped",
    { result: { status: "failure", error: { code: "PERMANENT_ERROR", message: "no" } } },
    "result_accepted_failure",
  ],
  ["wrapped, an error of text", { result: { status: "failure", error: "no" } }, "result_accepted_failure"],
  [
    "flat, as newer SDKs send it",
    { status: "failure", data: null, error: { code: "PERMANENT_ERROR", message: "no", details: {} } },
    "result_accepted_failure",
  ],
  ["flat success", { status: "success", data: { x: 1 }, error: null }, "result_accepted_success"],
  ["null", { result: null }, "result_accepted_success"],
  ["a list", { result: [1, 2] }, "result_accepted_success"],
  ["a text", { result: "done" }, "result_accepted_success"],
  ["without status", { result: { data: { x: 1 } } }, "result_accepted_success"],
  ["a status of its own", { result: { status: "odd" } }, "result_accepted_success"],
  ["nothing at all", {}, "result_accepted_success"],
  ["a status that is none", { result: { status: 5 } }, "result_accepted_failure"],
])("a result may be %s", async (_name, result, verdict) => {
  const served = await serve();
  await served.create("work");
  await served.register("w");
  const { job_id, task_id } = await served.take("w");
  const body = { job_id, task_id, worker_id: "w", ...result };
  const answer = await served.worker("POST", "/_worker/tasks/result", { body });
  expect(answer.status).toBe(200);
  expect(violations(resultAnswer, answer.body)).toEqual([]);
  expect(answer.body.status).toBe(verdict);
});

test("results may hold NaN, Infinity and big integers", async () => {
  const served = await serve();
  const id = await served.create("work");
  await served.register("w");
  const { task_id } = await served.take("w");
  const raw = `{"job_id":"${id}","task_id":"${task_id}","worker_id":"w","result":{"data":{"a":NaN,"b":-Infinity,"c":123456789012345678901}}}`;
  expect((await served.worker("POST", "/_worker/tasks/result", { raw })).status).toBe(200);
  expect((await served.view(id, 30)).state_history).toEqual({ a: null, b: null, c: "123456789012345678901" });
});

test("every verdict on a result is a 200: duplicates, late ones, unknown jobs, other workers", async () => {
  const served = await serve();
  const id = await served.create("work");
  await served.register("w");
  await served.register("x");
  const task = await served.take("w");
  expect(await served.report(task, "x", null)).toEqual({ status: "ignored", reason: "mismatch" });
  expect(await served.report({ job_id: "none", task_id: "none" }, "w", null)).toEqual({
    status: "ignored",
    reason: "not_found",
  });
  expect(await served.report({ ...task, job_id: "none" }, "w", null)).toEqual({
    status: "ignored",
    reason: "not_found",
  });
  expect(await served.report(task, "w", null)).toEqual({ status: "result_accepted_success" });
  expect(await served.report(task, "w", { status: "failure" })).toEqual({ status: "result_accepted_success" });
  expect((await served.view(id, 30)).status).toBe("finished");
});

test("with the shared token and without worker_id the sender is whoever holds the task", async () => {
  const served = await serve();
  await served.create("work");
  await served.register("w");
  const { job_id, task_id } = await served.take("w");
  const { body } = await served.worker("POST", "/_worker/tasks/result", { body: { job_id, task_id, result: null } });
  expect(body).toEqual({ status: "result_accepted_success" });
});

test("branches are answered as such, in batches too, in order", async () => {
  const served = await serve();
  const id = await served.create("fan-out");
  await served.register("w");
  const tasks = [await served.take("w"), await served.take("w")];
  const results = tasks.map(({ job_id, task_id }, n) => ({ job_id, task_id, worker_id: "w", result: { data: { n } } }));
  const body = { results: [results[0], { job_id: "none", task_id: "none", result: null }, results[1]] };
  const answer = await served.worker("POST", "/_worker/tasks/results", { body });
  expect([answer.status, violations(resultsAnswer, answer.body)]).toEqual([200, []]);
  const branch = { status: "parallel_branch_result_accepted" };
  expect(answer.body.results).toEqual([branch, { status: "ignored", reason: "not_found" }, branch]);
  expect((await served.view(id, 30)).result.map((each: { data: { n: number } }) => each.data.n)).toEqual([0, 1]);
});

test("a result may have 16 MiB", async () => {
  const served = await serve();
  const mebibyte = "x".repeat(1024 * 1024);
  const send = (count: number) =>
    served.worker("POST", "/_worker/tasks/result", {
      body: { job_id: "a", task_id: "b", result: mebibyte.repeat(count) },
    });
  expect((await send(15)).status).toBe(200);
  const { status, body } = await send(17);
  expect([status, body.error]).toEqual([413, "the body is larger than 16777216 bytes"]);
});

// Lesson 15. The spec differs from the upstream's: the heartbeat of an unknown worker revives it.
test("a heartbeat from an unknown worker revives it; a heartbeat sets the load, but cannot change the reputation", async () => {
  const served = await serve();
  const body = {
    load: 3,
    status: "idle",
    supported_tasks: ["work"],
    hot_cache: [],
    reputation: 99,
    token: "t",
    _secret: 1,
  };
  const answer = await served.worker("PATCH", "/_worker/workers/never-registered", { body });
  expect([answer.status, violations(heartbeatAnswer, answer.body)]).toEqual([200, []]);
  expect(answer.body).toEqual({
    worker_id: "never-registered",
    load: 3,
    status: "idle",
    supported_tasks: ["work"],
    hot_cache: [],
  });
  const listed = await served.client("GET", "/api/v1/workers");
  expect(violations(workersAnswer, listed.body)).toEqual([]);
  expect(listed.body).toMatchObject([{ worker_id: "never-registered", load: 3, reputation: 1, open_tasks: 0 }]);
  const id = await served.create("work");
  expect((await served.take("never-registered")).job_id).toBe(id);
  const counts = await served.client("GET", "/api/v1/dashboard");
  expect(violations(dashboard, counts.body)).toEqual([]);
  expect(counts.body).toMatchObject({
    workers: { total: 1, idle: 0, busy: 1 },
    jobs: { waiting_for_worker: 1, queued: 0 },
  });
});

test.each([[undefined], [{}]])("an empty heartbeat is a sign of life: %j", async (body) => {
  const served = await serve();
  await served.register("w");
  const answer = await served.worker("PATCH", "/_worker/workers/w", { body });
  expect([answer.status, violations(refreshAnswer, answer.body)]).toEqual([200, []]);
  expect(answer.body).toEqual({ status: "ttl_refreshed" });
});

test("null says nothing, and skill_dependencies without hot_skills mean that none are hot", async () => {
  const served = await serve();
  await served.register("w", { hot_skills: ["work"], status: "idle" });
  const beat = async (body: object) => (await served.worker("PATCH", "/_worker/workers/w", { body })).body;
  expect(await beat({ status: null, load: 1 })).toMatchObject({ status: "idle", hot_skills: ["work"], load: 1 });
  expect(await beat({ skill_dependencies: { work: ["model"] } })).toMatchObject({ hot_skills: [] });
});

test("progress travels by heartbeats and shows in the view", async () => {
  const served = await serve();
  const id = await served.create("work");
  await served.register("w");
  const { task_id } = await served.take("w");
  await served.worker("PATCH", "/_worker/workers/w", {
    body: { progress: { [task_id]: { progress: 0.5, message: "half way" } } },
  });
  const view = await served.until(id, (job) => job.progress !== null);
  expect(view.progress).toEqual({ value: 0.5, message: "half way", task_id, updated_at: expect.any(String) });
});

test("a worker hears by its heartbeats that a task was cancelled, and its answer is accepted as such", async () => {
  const served = await serve();
  const id = await served.create("work");
  await served.register("w");
  const task = await served.take("w");
  await served.client("POST", `/api/v1/jobs/${id}/cancel`);
  const state = await served.worker("GET", `/_worker/tasks/${task.task_id}`);
  expect(state.body.state).toBe("cancelled");
  for (const body of [undefined, { load: 1 }]) {
    await expect
      .poll(() => served.worker("PATCH", "/_worker/workers/w", { body }).then((answer) => answer.body.cancel_task_ids))
      .toEqual([task.task_id]);
  }
  expect(await served.report(task, "w", { status: "cancelled" })).toEqual({ status: "result_accepted_cancelled" });
  expect((await served.worker("PATCH", "/_worker/workers/w")).body).toEqual({ status: "ttl_refreshed" });
});

test("newer SDKs register supported_skills, as texts or objects", async () => {
  const served = await serve();
  for (const [worker, skills] of [
    ["w1", ["work"]],
    ["w2", [{ name: "work", type: "x", schema: {} }]],
  ] as const) {
    const body = {
      worker_id: worker,
      supported_skills: skills,
      resources: { max_concurrent_tasks: 1 },
      capabilities: { cost_per_skill: { work: 2 } },
    };
    expect((await served.worker("POST", "/_worker/workers/register", { body })).status).toBe(200);
    const id = await served.create("work");
    expect((await served.take(worker)).job_id).toBe(id);
  }
});

test.each([
  [{}, "worker_id: expected a worker id"],
  [{ worker_id: 5, supported_tasks: [] }, "worker_id: expected a worker id"],
  [{ worker_id: "*", supported_tasks: [] }, "worker_id: expected a worker id"],
  [{ worker_id: "w".repeat(129), supported_tasks: [] }, "worker_id: expected a worker id"],
  [{ worker_id: "w" }, "supported_tasks: expected an array of task types, got nothing"],
  [{ worker_id: "w", supported_tasks: "work" }, 'supported_tasks: expected an array, got a string ("work")'],
  [{ worker_id: "w", supported_tasks: ["$webhook"] }, "supported_tasks[0]: expected a task type"],
  [{ worker_id: "w", supported_skills: [{ name: "$webhook" }] }, "supported_skills[0].name: expected a task type"],
  [
    { worker_id: "w", supported_tasks: [], max_concurrent_tasks: "4" },
    'max_concurrent_tasks: expected a number of at least 0, got a string ("4")',
  ],
])("a wrong registration is refused: %j", async (body, message) => {
  const served = await serve();
  const { status, body: answer } = await served.worker("POST", "/_worker/workers/register", { body });
  expect(status).toBe(400);
  expect(answer.error.startsWith(message)).toBe(true);
});

test("plain fields of a registration are kept, those a worker may not set are not", async () => {
  const served = await serve();
  await served.register("w", {
    token: "secret",
    reputation: 0,
    _x: 1,
    multi_orchestrator_info: { a: 1 },
    hostname: "h",
    capabilities: { ip_address: "1.2.3.4" },
  });
  const [worker] = (await served.client("GET", "/api/v1/workers")).body;
  expect(worker).toMatchObject({ multi_orchestrator_info: { a: 1 }, reputation: 1, hostname: "h" });
  expect(worker).not.toHaveProperty("token");
  expect(worker).not.toHaveProperty("_x");
});

test("POST /_worker/auth/token is a plain 404", async () => {
  const served = await serve();
  const { status, body } = await served.worker("POST", "/_worker/auth/token", { body: {} });
  expect([status, body.code]).toEqual([404, "not_found"]);
});

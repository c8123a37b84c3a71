import { expect, test } from "vitest";
import { z } from "zod";
import { AvtomatikaError, TimeoutError } from "#index";
import { refuse, say, script, silence } from "./scripted-server.ts";

const user = { snake_case: { inner_key: [{ deep_key: 1 }] }, __proto_like: null };
const wire = {
  id: "j",
  job_id: "j",
  blueprint_name: "b",
  status: "waiting_for_human",
  current_state: "ask_somebody",
  initial_data: user,
  state_history: user,
  result: user,
  error_message: null,
  progress: { value: 0.5, message: null, task_id: "t", updated_at: "2026-01-01T00:00:00.000Z" },
  waiting_for: { kind: "branches", since: "x", until: null, policy: { quorum: 2 }, transitions: user },
  metadata: user,
  parent_job_id: null,
  child_job_ids: ["c"],
  child_job_id: "c",
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
  ended_at: null,
};

test("the view's own names are camelCase, what users put into it is untouched", async () => {
  const { client } = await script([say(200, wire)]);
  expect(await client.jobs.get("j")).toEqual({
    id: "j",
    jobId: "j",
    blueprintName: "b",
    status: "waiting_for_human",
    currentState: "ask_somebody",
    initialData: user,
    stateHistory: user,
    result: user,
    errorMessage: null,
    progress: { value: 0.5, message: null, taskId: "t", updatedAt: "2026-01-01T00:00:00.000Z" },
    waitingFor: { kind: "branches", since: "x", until: null, policy: { quorum: 2 }, transitions: user },
    metadata: user,
    parentJobId: null,
    childJobIds: ["c"],
    childJobId: "c",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    endedAt: null,
  });
});

test("hostile keys stay data, and integers that the wire has as strings stay strings", async () => {
  const text = `{"id":"j","job_id":"j","status":"finished","result":{"__proto__":{"polluted":1},"n":"12345678901234567890"}}`;
  const { client } = await script([say(200, text)]);
  const { result } = await client.jobs.get("j");
  expect(Object.hasOwn(result ?? {}, "__proto__")).toBe(true);
  expect(result?.["n"]).toBe("12345678901234567890");
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("wait gives up after timeoutMs, although the engine doesn't answer at all", async () => {
  const { client } = await script([silence]);
  const failure = await client.jobs.wait("j", { timeoutMs: 30 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TimeoutError);
  expect(failure).toBeInstanceOf(AvtomatikaError);
  expect(failure).toMatchObject({ code: "timeout", jobId: "j", message: "job j has not ended after 30 ms" });
});

test("wait with 0 looks once", async () => {
  const { server, client } = await script([say(200, wire)]);
  await expect(client.jobs.wait("j", { timeoutMs: 0 })).rejects.toBeInstanceOf(TimeoutError);
  expect(server.received.map(({ path }) => path)).toEqual(["/api/v1/jobs/j"]);
});

test("wait tells of what stands in its way: a job that isn't there, a bad timeout, an abort", async () => {
  const { client } = await script([refuse(404, "not_found"), silence]);
  await expect(client.jobs.wait("j")).rejects.toMatchObject({ status: 404 });
  await expect(client.jobs.wait("j", { timeoutMs: -1 })).rejects.toThrow("timeoutMs: expected a number of at least 0");
  const controller = new AbortController();
  const waiting = client.jobs.wait("j", { timeoutMs: 60_000, signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

test.each(["", ".", "..", 5 as unknown as string])("%j is no job id", async (jobId) => {
  const { server, client } = await script([say(200, wire)]);
  await expect(client.jobs.get(jobId)).rejects.toThrow("jobId: expected an id");
  await expect(client.approvals.decide(jobId, "go")).rejects.toThrow("jobId: expected an id");
  expect(server.received).toEqual([]);
});

test("an id can't lead to another route", async () => {
  const { server, client } = await script([say(200, wire)]);
  await client.jobs.get("a/cancel?x#");
  expect(server.received[0]?.path).toBe("/api/v1/jobs/a%2Fcancel%3Fx%23");
});

test("a schema checks and types the result of a finished job, and of no other", async () => {
  const resultSchema = z.object({ size: z.coerce.number() });
  const ended = { ...wire, status: "finished", result: { size: "5" } };
  const { client } = await script([
    say(200, ended),
    say(200, { ...ended, status: "failed", result: null }),
    say(200, { ...ended, result: { size: "much" } }),
  ]);
  const job = await client.jobs.wait("j", { resultSchema });
  expect(job.result?.size).toBe(5);
  expect((await client.jobs.wait("j", { resultSchema })).result).toBeNull();
  const failure = await client.jobs.wait("j", { resultSchema }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "invalid_result", details: [expect.stringMatching(/^result\.size: /)] });
});

test("a page names the cursor of the next one, whatever else the Link header has", async () => {
  const entry = { id: "j", job_id: "j", blueprint_name: "b", status: "failed", error_message: "no" };
  const { server, client } = await script([
    say(200, [entry], {
      link: '</api/v1/jobs?cursor=before>; rel="prev", </api/v1/jobs?limit=1&cursor=a%2Bb>; rel="next"',
    }),
    say(200, []),
  ]);
  const page = await client.jobs.list({ status: "failed", blueprint: "b c", limit: 1 });
  expect(page.jobs).toEqual([{ id: "j", jobId: "j", blueprintName: "b", status: "failed", errorMessage: "no" }]);
  expect(page.nextCursor).toBe("a+b");
  expect(await client.quarantine.list({ cursor: "a+b" })).toEqual({ jobs: [], nextCursor: null });
  expect(server.received.map(({ path }) => path)).toEqual([
    "/api/v1/jobs?status=failed&blueprint=b+c&limit=1",
    "/api/v1/jobs/quarantined?cursor=a%2Bb",
  ]);
});

test("of a worker the protocol's names are camelCase, its own stay", async () => {
  const worker = {
    worker_id: "w",
    open_tasks: 1,
    last_seen_at: "x",
    reputation: 1,
    max_concurrent_tasks: 2,
    cost_per_skill: { cut_video: 3 },
    resources: { cpu_cores: 4 },
    my_label: "x",
  };
  const { client } = await script([say(200, [worker])]);
  expect(await client.workers.list()).toEqual([
    {
      workerId: "w",
      openTasks: 1,
      lastSeenAt: "x",
      reputation: 1,
      maxConcurrentTasks: 2,
      costPerSkill: { cut_video: 3 },
      resources: { cpu_cores: 4 },
      my_label: "x",
    },
  ]);
});

test("an answer of another form is bad_answer, not a crash", async () => {
  const { client } = await script([say(200, '"x"')]);
  const calls = [
    client.jobs.get("j"),
    client.jobs.list(),
    client.jobs.explain("j"),
    client.workers.list(),
    client.blueprints.list(),
    client.dashboard(),
  ];
  const settled = await Promise.allSettled(calls);
  expect(settled).toMatchObject(Array(calls.length).fill({ reason: { status: 200, code: "bad_answer" } }));
});

test("an error carries what the engine said; one that isn't the engine's, what came", async () => {
  const body = { error: "two problems", code: "invalid_request", details: ["a", "b"], request_id: "r-7" };
  const { client } = await script([say(400, body), say(404, "<html>nothing</html>"), say(302, "", { location: "/x" })]);
  const parts = (error: AvtomatikaError) => [error.status, error.code, error.message, error.details, error.requestId];
  const failure = () => client.jobs.get("j").then(() => [], parts);
  expect(await failure()).toEqual([400, "invalid_request", "two problems", ["a", "b"], "r-7"]);
  expect(await failure()).toEqual([404, "http_error", 'HTTP 404: "<html>nothing</html>"', undefined, undefined]);
  expect(await failure()).toEqual([302, "http_error", "HTTP 302: an empty body", undefined, undefined]);
});

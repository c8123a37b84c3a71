import {
  cancelAnswer,
  decisionAnswer,
  discardAnswer,
  errorAnswer,
  explanation,
  jobView,
  listAnswer,
  requeueAnswer,
  violations,
} from "@avtomatika/protocol";
import { expect, test } from "vitest";
import { type Served, serve } from "./served.ts";

/** Creates a job, waits until it stands still, and checks its view and explanation against the protocol. */
async function standing(served: Served, endpoint: string, data: object = {}) {
  const id = await served.create(endpoint, data);
  const view = await served.until(id, (job) => job.waiting_for !== null && job.waiting_for.kind !== "slot");
  expect(violations(jobView, view)).toEqual([]);
  const explained = await served.client("GET", `/api/v1/jobs/${id}/explain`);
  expect(violations(explanation, explained.body)).toEqual([]);
  expect(explained.body).toMatchObject({
    job_id: id,
    status: view.status,
    waiting_for: { kind: view.waiting_for.kind },
  });
  return view;
}

test("the view says what a job waits for: a worker, queued, leased, between attempts", async () => {
  const served = await serve();
  const queued = await standing(served, "retrying");
  expect(queued).toMatchObject({ status: "waiting_for_worker", result: null, ended_at: null });
  expect(queued.waiting_for).toEqual({
    kind: "worker",
    since: expect.stringMatching(/Z$/),
    until: null,
    task_id: expect.any(String),
    task_type: "work",
    attempt: 1,
    phase: "queued",
    worker_id: null,
  });
  await served.register("w");
  const task = await served.take("w");
  expect(task.task_id).toBe(queued.waiting_for.task_id);
  const leased = await served.view(queued.id);
  expect(leased.waiting_for).toMatchObject({ phase: "leased", worker_id: "w", until: expect.any(String) });
  await served.report(task, "w", { status: "failure", error: { code: "TRANSIENT_ERROR", message: "later" } });
  const delayed = await served.view(queued.id);
  expect(delayed).toMatchObject({
    status: "awaiting_retry",
    waiting_for: { phase: "backoff", attempt: 2, worker_id: null },
  });
});

test("the view says what a job waits for: branches, a child, a person, a timer", async () => {
  const served = await serve();
  expect((await standing(served, "fan-out")).waiting_for).toMatchObject({
    kind: "branches",
    total: 2,
    open: 2,
    succeeded: 0,
    failed: 0,
    policy: "all",
  });
  const parent = await standing(served, "parent");
  expect(parent).toMatchObject({
    status: "waiting_for_sub_job",
    waiting_for: { kind: "child", job_id: parent.child_job_id },
    child_job_ids: [parent.child_job_id],
  });
  expect((await served.view(parent.child_job_id)).parent_job_id).toBe(parent.id);
  const human = await standing(served, "approval");
  expect(human.waiting_for).toMatchObject({
    kind: "human",
    integration: "chat",
    message: "go?",
    decisions: ["approved", "rejected"],
    token: expect.any(String),
    path: `/_public/webhooks/approval/${human.id}`,
  });
  expect((await standing(served, "sleeper")).waiting_for).toMatchObject({
    kind: "timer",
    next_state: "end",
    until: expect.any(String),
  });
});

test("?fields narrows the view, and id is always there", async () => {
  const served = await serve();
  const id = await served.create("quick", {}, "?wait=30");
  const get = async (fields: string) =>
    (await served.client("GET", `/api/v1/jobs/${id}?wait=30&fields=${fields}`)).body;
  expect(await get("status,result")).toEqual({ id, status: "finished", result: { got: {} } });
  expect(await get("nothing")).toEqual({ id });
});

test("?wait holds a view until the job has ended, or the time is over", async () => {
  const served = await serve();
  const id = await served.create("approval");
  const early = await served.client("GET", `/api/v1/jobs/${id}?wait=0.05`);
  expect(early.body.status).toBe("waiting_for_human");
  const held = served.client("GET", `/api/v1/jobs/${id}?wait=30`);
  await served.client("POST", `/api/v1/jobs/${id}/cancel`);
  expect((await held).body.status).toBe("cancelled");
  const tooLong = await served.client("GET", `/api/v1/jobs/${id}?wait=61`);
  expect([tooLong.status, tooLong.body.error]).toEqual([400, "wait: expected a number from 0 to 60, got 61"]);
});

test("an unknown job is a 404 on every route of jobs", async () => {
  const served = await serve();
  for (const id of ["none", "01a20dcc-9fb9-74ff-994e-3f95556fe000", "a".repeat(128), "%F0%9F%98%80"]) {
    for (const [method, path, body] of [
      ["GET", ""],
      ["GET", "/explain"],
      ["POST", "/cancel"],
      ["POST", "/approval", { decision: "approved" }],
      ["POST", "/requeue"],
      ["POST", "/discard"],
    ] as const) {
      const answer = await served.client(method, `/api/v1/jobs/${id}${path}`, { body });
      expect([answer.status, answer.body.error]).toEqual([404, "there is no such job"]);
      expect(violations(errorAnswer, answer.body)).toEqual([]);
    }
  }
  const long = await served.client("GET", `/api/v1/jobs/${"a".repeat(129)}`);
  expect(long.status).toBe(400);
  expect(long.body.error).toMatch(/^job_id: expected a string of 1 to 128 characters/);
});

test("a cancelled job has ended, and can't be cancelled again", async () => {
  const served = await serve();
  const id = await served.create("work");
  const first = await served.client("POST", `/api/v1/jobs/${id}/cancel`);
  expect([first.status, violations(cancelAnswer, first.body)]).toEqual([200, []]);
  expect(await served.view(id)).toMatchObject({ status: "cancelled", result: null, waiting_for: null });
  const again = await served.client("POST", `/api/v1/jobs/${id}/cancel`);
  expect([again.status, again.body.code]).toEqual([409, "conflict"]);
});

test("a client decides: one of the declared decisions, once", async () => {
  const served = await serve();
  const { id } = await standing(served, "approval");
  const decide = (body: object) => served.client("POST", `/api/v1/jobs/${id}/approval`, { body });
  const wrong = await decide({ decision: "aproved" });
  expect([wrong.status, wrong.body.error]).toEqual([
    400,
    'decision: expected one of "approved", "rejected", got "aproved", did you mean "approved"?',
  ]);
  const first = await decide({ decision: "approved", comment: "yes", metadata: { by: "me" } });
  expect([first.status, violations(decisionAnswer, first.body)]).toEqual([200, []]);
  const view = await served.view(id, 30);
  expect(view.state_history.approval).toMatchObject({
    decision: "approved",
    comment: "yes",
    metadata: { by: "me" },
    decided_by: "default",
  });
  expect((await decide({ decision: "approved" })).status).toBe(409);
  expect(
    (
      await served.client("POST", `/api/v1/jobs/${await served.create("sleeper")}/approval`, {
        body: { decision: "x" },
      })
    ).status,
  ).toBe(409);
});

test("the bearer of a wait's token decides; a missing, wrong or used token and an unknown job are the same 401", async () => {
  const served = await serve();
  const { id, waiting_for: wait } = await standing(served, "approval");
  const refusals = [];
  refusals.push(await served.call("POST", wait.path, { body: { decision: "approved" } }));
  refusals.push(await served.call("POST", wait.path, { body: { decision: "approved", token: "wrong" } }));
  refusals.push(await served.call("POST", wait.path, { body: { decision: "approved", token: "" } }));
  refusals.push(
    await served.call("POST", "/_public/webhooks/approval/none", { body: { decision: "approved", token: wait.token } }),
  );
  const wrong = await served.call("POST", `${wait.path}?token=${wait.token}`, { body: { decision: "maybe" } });
  expect(wrong.status).toBe(400);
  const right = await served.call("POST", `${wait.path}?token=${wait.token}`, { body: { decision: "approved" } });
  expect([right.status, violations(decisionAnswer, right.body)]).toEqual([200, []]);
  expect((await served.view(id, 30)).state_history.approval).toMatchObject({ decided_by: null });
  refusals.push(await served.call("POST", wait.path, { body: { decision: "approved", token: wait.token } }));
  for (const { status, body } of refusals) {
    expect(status).toBe(401);
    expect({ ...body, request_id: "" }).toEqual({ ...refusals[0]?.body, request_id: "" });
  }
  expect((await served.call("GET", wait.path)).status).toBe(405);
});

test("PUBLIC_APPROVALS=true lets anybody decide", async () => {
  const served = await serve({ publicApprovals: true });
  const { waiting_for: wait } = await standing(served, "approval");
  const decide = (path: string) => served.call("POST", path, { body: { decision: "approved" } });
  expect((await decide(wait.path)).status).toBe(200);
  expect((await decide("/_public/webhooks/approval/none")).status).toBe(404);
});

test("lists are newest first, filtered, and paged by cursor and offset", async () => {
  const served = await serve();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.unshift(await served.create("sleeper", { n }));
  await served.create("quick", {}, "?wait=30");
  const list = async (query: string) =>
    (await served.client("GET", `/api/v1/jobs${query}`)).body.map((job: { id: string }) => job.id);
  const all = await served.client("GET", "/api/v1/jobs?blueprint=sleeper");
  expect(violations(listAnswer, all.body)).toEqual([]);
  expect(all.body.map((job: { id: string }) => job.id)).toEqual(ids);
  expect(all.headers.get("link")).toBeNull();
  expect(await list("?blueprint=sleeper&limit=2&offset=1")).toEqual(ids.slice(1, 3));
  const walked: string[] = [];
  for (let next: string | undefined = "/api/v1/jobs?limit=2&blueprint=sleeper"; next !== undefined; ) {
    const page: { body: { id: string }[]; headers: Headers } = await served.client("GET", next);
    walked.push(...page.body.map((job) => job.id));
    next = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
  }
  expect(walked).toEqual(ids);
  expect(await list("?status=finished&limit=1000")).toHaveLength(1);
});

test.each([
  ["limit=0", "limit: expected a whole number from 1 to 1000, got a number (0)"],
  ["limit=x", 'limit: expected a whole number from 1 to 1000, got a string ("x")'],
  ["offset=10001", "offset: expected a whole number from 0 to 10000, got a number (10001)"],
  ["status=done", /^status: expected "pending", /],
  ["cursor=abc", "cursor: expected the cursor of an earlier page's Link header"],
  ["cursor=abc&offset=1", "offset: it goes without cursor, give one of them"],
])("a bad query is a 400: %s", async (query, message) => {
  const served = await serve();
  const { status, body } = await served.client("GET", `/api/v1/jobs?${query}`);
  expect(status).toBe(400);
  if (typeof message === "string") expect(body.error).toBe(message);
  else expect(body.error).toMatch(message);
});

test("a quarantined job is listed, requeued with a patch, or discarded", async () => {
  const served = await serve();
  const id = await served.create("broken");
  const view = await served.view(id, 30);
  expect(view).toMatchObject({ status: "quarantined", result: null, waiting_for: null });
  expect(view.error_message).toContain("it is broken");
  const listed = await served.client("GET", "/api/v1/jobs/quarantined");
  expect(violations(listAnswer, listed.body)).toEqual([]);
  expect(listed.body.map((job: { id: string }) => job.id)).toEqual([id]);

  const order = (path: string, body?: object) => served.client("POST", `/api/v1/jobs/${id}/${path}`, { body });
  const unknown = await order("requeue", { state: "strat" });
  expect([unknown.status, unknown.body.error]).toEqual([
    400,
    'state: expected one of "start", "end", "finished", "failed", got "strat", did you mean "start"?',
  ]);
  expect((await order("requeue", { patch: 5 })).status).toBe(400);
  const requeued = await order("requeue", { patch: { mended: true } });
  expect([requeued.status, violations(requeueAnswer, requeued.body)]).toEqual([200, []]);
  expect(await served.view(id, 30)).toMatchObject({ status: "finished", error_message: null });
  expect((await order("requeue")).status).toBe(409);

  const other = await served.create("broken");
  await served.view(other, 30);
  const discarded = await served.client("POST", `/api/v1/jobs/${other}/discard`);
  expect([discarded.status, violations(discardAnswer, discarded.body)]).toEqual([200, []]);
  expect((await served.client("GET", "/api/v1/jobs/quarantined")).body).toEqual([]);
  expect(await served.view(other)).toMatchObject({ status: "quarantined", discarded_at: expect.any(String) });
  expect((await served.client("POST", `/api/v1/jobs/${other}/discard`)).status).toBe(409);
});

test("a time later than RFC 3339 can say is its last", async () => {
  const served = await serve();
  const id = await served.create("work", { initial_data: {}, dispatch_timeout: 3e12 });
  const { waiting_for } = await served.until(id, ({ status }) => status === "waiting_for_worker");
  expect(waiting_for.until).toBe("9999-12-31T23:59:59.999Z");
});

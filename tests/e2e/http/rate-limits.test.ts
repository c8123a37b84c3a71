import { errorAnswer, violations } from "@avtomatika/protocol";
import { MemoryStorage } from "avtomatika";
import { faulty } from "avtomatika/internal/storage/wrap/faulty";
import { expect, test } from "vitest";
import { type Answer, type Served, serve } from "./served.ts";

/** So few that a test passes them. */
const few = { rateLimitingEnabled: true, clientRateLimitPerSecond: 1, clientRateLimitBurst: 3 };

/** A store whose clock stands still: however slowly a test runs, nothing that was used up comes back. */
function still(): MemoryStorage {
  const now = Date.now();
  return new MemoryStorage({ clock: () => now });
}

async function statuses(count: number, call: () => Promise<Answer>): Promise<number[]> {
  const answers: number[] = [];
  for (let one = 0; one < count; one++) answers.push((await call()).status);
  return answers;
}
async function refusal(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await call();
    if (answer.status === 429) return answer;
  }
}
const list = (served: Served) => () => served.client("GET", "/api/v1/jobs");
const create = (served: Served) => () => served.client("POST", "/api/v1/quick", { body: {} });

test("a client's calls beyond its limit are answered 429 with Retry-After, and its creations count apart", async () => {
  const served = await serve(
    { ...few, creationRateLimitPerSecond: 1, creationRateLimitBurst: 2 },
    { storage: still() },
  );
  expect(await statuses(4, list(served))).toEqual([200, 200, 200, 429]);
  const { body, headers } = await refusal(list(served));
  expect(violations(errorAnswer, body)).toEqual([]);
  expect([body.code, body.error]).toEqual([
    "rate_limited",
    'too many calls of client "default": at most 1 a second, 3 at once',
  ]);
  expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect(await statuses(3, create(served))).toEqual([202, 202, 429]);
  const batch = await served.client("POST", "/api/v1/quick/batch", { body: { jobs: [{}] } });
  expect([batch.status, batch.body.error]).toEqual([
    429,
    'too many creations of client "default": at most 1 a second, 2 at once',
  ]);
});

test("a batch is one creation", async () => {
  const served = await serve(
    { rateLimitingEnabled: true, creationRateLimitPerSecond: 1, creationRateLimitBurst: 2 },
    { storage: still() },
  );
  const batch = () => served.client("POST", "/api/v1/quick/batch", { body: { jobs: [{}, {}, {}, {}] } });
  expect(await statuses(3, batch)).toEqual([202, 202, 429]);
});

test("heartbeats are limited per worker; results, registrations and polls never", async () => {
  const served = await serve(
    {
      rateLimitingEnabled: true,
      heartbeatRateLimitPerSecond: 1,
      heartbeatRateLimitBurst: 2,
      unauthenticatedRateLimitPerSecond: 1,
      unauthenticatedRateLimitBurst: 1,
    },
    { storage: still() },
  );
  await served.register("a");
  const beat = (id: string) => () => served.worker("PATCH", `/_worker/workers/${id}`, { body: { load: 1 } });
  expect(await statuses(3, beat("a"))).toEqual([200, 200, 429]);
  expect(await statuses(3, beat("b"))).toEqual([200, 200, 429]);
  expect((await refusal(beat("a"))).body.error).toBe(
    'too many heartbeats of worker "a": at most 1 a second, 2 at once',
  );
  for (let count = 0; count < 30; count++) {
    await served.register("a");
    expect((await served.worker("GET", "/_worker/workers/a/tasks/next?timeout=0")).status).toBe(204);
    const result = { job_id: "j", task_id: "t", worker_id: "a", result: {} };
    expect((await served.worker("POST", "/_worker/tasks/result", { body: result })).status).toBe(200);
  }
});

test("an address without a valid token is told 429 instead of 401, and with one it is let in", async () => {
  const served = await serve(
    {
      rateLimitingEnabled: true,
      unauthenticatedRateLimitPerSecond: 1,
      unauthenticatedRateLimitBurst: 3,
    },
    { storage: still() },
  );
  const tries = [
    () => served.call("GET", "/api/v1/jobs"),
    () => served.call("PATCH", "/_worker/workers/x", { headers: { "x-worker-token": "guess" } }),
    () => served.call("GET", "/api/v1/nothing", { headers: { authorization: "Bearer guess" } }),
    () => served.call("POST", "/_public/webhooks/approval/x", { body: { decision: "yes", token: "guess" } }),
  ];
  const answers = await Promise.all([...tries, ...tries].map((one) => one()));
  expect(answers.map(({ status }) => status).sort()).toEqual([401, 401, 401, 429, 429, 429, 429, 429]);
  const { body } = await refusal(() => served.call("GET", "/api/v1/jobs"));
  expect(body.error).toBe("too many requests without a valid token from this address: at most 1 a second, 3 at once");
  expect((await list(served)()).status).toBe(200);
  expect((await served.call("GET", "/_public/status")).status).toBe(200);
});

test("the limits outlive a restart of the engine, over the same store", async () => {
  const storage = still();
  const first = await serve(few, { storage });
  expect(await statuses(3, list(first))).toEqual([200, 200, 200]);
  await first.engine.stop();
  const second = await serve(few, { storage });
  expect((await list(second)()).status).toBe(429);
});

test("a rate of 0 is no limit, nor is there one with RATE_LIMITING_ENABLED=false", async () => {
  const free = await serve({ ...few, clientRateLimitPerSecond: 0 });
  expect(new Set(await statuses(20, list(free)))).toEqual(new Set([200]));
  const off = await serve({ ...few, rateLimitingEnabled: false });
  expect(new Set(await statuses(20, list(off)))).toEqual(new Set([200]));
});

test("while the store is away, who can't be counted is told 503 and when to come again", async () => {
  let isAway = false;
  const storage = faulty(new MemoryStorage(), {
    decide: (method) => (isAway && method === "takeTokens" ? "not-applied" : "none"),
  });
  const served = await serve(few, { storage });
  isAway = true;
  const { status, body, headers } = await list(served)();
  expect([status, body.code, headers.get("retry-after")]).toEqual([503, "store_unavailable", "5"]);
  expect(body.error).toBe('the store is away, and with it the count of calls of client "default"');
});

import { expect, test } from "vitest";
import { retryPause, retryPolicy } from "#http/retry-policy";
import { AvtomatikaClient, AvtomatikaError, TimeoutError } from "#index";
import { accept, cut, refuse, say, script, silence } from "./scripted-server.ts";

const view = { id: "j", job_id: "j", status: "finished" };

test.each([
  ["a broken connection", cut],
  ["a 503", refuse(503, "store_unavailable", { "retry-after": "0" })],
  ["a 503 with a date", refuse(503, "store_unavailable", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" })],
  ["a 429", refuse(429, "rate_limited", { "retry-after": "0" })],
  ["a 502 of a proxy", say(502, "<html>")],
])("a GET is repeated after %s", async (_, fault) => {
  const { server, client } = await script([fault, fault, say(200, view)]);
  expect(await client.jobs.get("j")).toMatchObject({ jobId: "j", status: "finished" });
  expect(server.received).toHaveLength(3);
});

test("an answer that breaks off in the middle is no answer", async () => {
  const half: typeof cut = (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"id":', () => response.destroy());
  };
  const { client } = await script([half, say(200, view)]);
  expect((await client.jobs.get("j")).jobId).toBe("j");
});

test("a creation is repeated with the key it was first sent with", async () => {
  const { server, client } = await script([cut, refuse(503, "store_unavailable"), accept()]);
  expect(await client.jobs.create("/x", { a: 1 })).toEqual({ jobId: "job-1", created: true });
  const keys = server.received.map(({ headers }) => headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(keys).size).toBe(1);
  expect(server.received.map(({ body }) => body)).toEqual(Array(3).fill({ initial_data: { a: 1 } }));
});

test("so is a batch: each of its jobs keeps its place under the key", async () => {
  const { server, client } = await script([cut, accept()]);
  await Promise.all([client.jobs.create("/x", { a: 1 }), client.jobs.create("/x", { a: 2 })]);
  const [first, second] = server.received;
  expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"]);
  expect(second?.body).toEqual(first?.body);
});

test("run is repeated with its key, too", async () => {
  const { server, client } = await script([cut, say(200, view)]);
  expect((await client.jobs.run("/x", {})).status).toBe("finished");
  const [first, second] = server.received;
  expect(first?.path).toBe("/api/v1/x?wait=30");
  expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"]);
});

test("what isn't safe to repeat is not, once the engine may have got it", async () => {
  for (const fault of [cut, refuse(503, "store_unavailable")]) {
    const { server, client } = await script([fault, say(200, { status: "cancellation_request_accepted" })]);
    await expect(client.jobs.cancel("j")).rejects.toBeInstanceOf(AvtomatikaError);
    await expect(client.approvals.decide("j", "go")).resolves.toMatchObject({ jobId: "j" });
    expect(server.received.map(({ path }) => path)).toEqual(["/api/v1/jobs/j/cancel", "/api/v1/jobs/j/approval"]);
  }
});

test("a 429 hasn't been acted upon: anything is repeated after it", async () => {
  const { server, client } = await script([
    refuse(429, "rate_limited", { "retry-after": "0" }),
    say(200, { status: "discarded" }),
  ]);
  await client.quarantine.discard("j");
  expect(server.received).toHaveLength(2);
});

test.each([400, 401, 403, 404, 409, 413, 500])("a %d is final", async (status) => {
  const { server, client } = await script([refuse(status, "no")]);
  await expect(client.jobs.get("j")).rejects.toMatchObject({ status, code: "no", requestId: "r-1" });
  await expect(client.jobs.create("/x", {})).rejects.toMatchObject({ status, code: "no" });
  expect(server.received).toHaveLength(2);
});

test("when all repeats are used up the last fault is thrown", async () => {
  const { server, client } = await script([cut, cut, refuse(503, "store_unavailable")], {
    retry: { maxRetries: 2, delayMs: 1 },
  });
  await expect(client.jobs.get("j")).rejects.toMatchObject({ status: 503, code: "store_unavailable" });
  expect(server.received).toHaveLength(3);
});

test("retry: false sends once, and no key", async () => {
  const { server, client } = await script([cut], { retry: false });
  await expect(client.jobs.create("/x", {})).rejects.toMatchObject({ status: 0, code: "network_error" });
  expect(server.received).toHaveLength(1);
  expect(server.received[0]?.headers).not.toHaveProperty("idempotency-key");
});

test("nobody there: the address stands in the error", async () => {
  const { server, client } = await script([cut], { retry: false });
  await server.close();
  const failure = await client.jobs.cancel("j").catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "AvtomatikaError", status: 0, code: "network_error" });
  expect((failure as Error).message).toMatch(/^POST \/api\/v1\/jobs\/j\/cancel: .*ECONNREFUSED/);
});

test("an engine that stays silent is a TimeoutError, after repeats where they are safe", async () => {
  const { server, client } = await script([silence], { timeoutMs: 20, retry: { maxRetries: 1, delayMs: 1 } });
  await expect(client.jobs.cancel("j")).rejects.toBeInstanceOf(TimeoutError);
  expect(server.received).toHaveLength(1);
  await expect(client.jobs.get("j")).rejects.toMatchObject({ name: "TimeoutError", code: "timeout", status: 0 });
  expect(server.received).toHaveLength(3);
});

test("a Retry-After past the policy's bound is the caller's to obey", async () => {
  const { server, client } = await script([refuse(429, "rate_limited", { "retry-after": "86400" })]);
  await expect(client.jobs.create("/x", {})).rejects.toMatchObject({ status: 429, retryAfterMs: 86_400_000 });
  expect(server.received).toHaveLength(1);
});

test("pauses grow to their bound, with full jitter; Retry-After comes first", () => {
  const policy = retryPolicy({ delayMs: 100, factor: 2, maxDelayMs: 1000 });
  const pauses = [0, 1, 2, 3, 4, 5].map((retries) => retryPause(retries, policy, 1, undefined));
  expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(retryPause(3, policy, 0, undefined)).toBe(0);
  expect(retryPause(0, policy, 0.5, 5000)).toBe(5050);
  expect(retryPause(0, policy, 0.5, 60_001)).toBeNull();
});

test("a signal ends a call while it is under way, while it pauses, and before", async () => {
  const controller = new AbortController();
  const { server, client } = await script([
    (response, request) => {
      silence(response, request);
      controller.abort(new Error("enough"));
    },
  ]);
  await expect(client.jobs.get("j", { signal: controller.signal })).rejects.toThrow("enough");
  await expect(client.jobs.create("/x", {}, { signal: controller.signal })).rejects.toThrow("enough");
  expect(server.received).toHaveLength(1);

  const other = new AbortController();
  const paused = await script(
    [
      (response, request) => {
        cut(response, request);
        setImmediate(() => other.abort(new Error("no more")));
      },
    ],
    { retry: { delayMs: 3_600_000, maxDelayMs: 3_600_000 } },
  );
  await expect(paused.client.jobs.get("j", { signal: other.signal })).rejects.toThrow("no more");
});

test("after close() calls reject", async () => {
  const { server, client } = await script([say(200, view)]);
  await client.jobs.get("j");
  await client.close();
  await expect(client.jobs.get("j")).rejects.toMatchObject({ code: "client_closed" });
  expect(server.received).toHaveLength(1);
});

test("wrong settings are refused by name", () => {
  const make = (options: object) => () => new AvtomatikaClient({ url: "http://localhost", token: "t", ...options });
  expect(make({})).not.toThrow();
  expect(make({ url: "localhost:8080" })).toThrow("url: expected one like http://127.0.0.1:8080");
  expect(make({ token: "" })).toThrow("token: expected the client's token");
  expect(make({ timeoutMs: 0 })).toThrow("timeoutMs: expected a number above 0, got 0");
  expect(make({ apiPrefix: "/" })).toThrow("apiPrefix: expected a path");
  expect(make({ colour: 5 })).toThrow('AvtomatikaClient: unknown option "colour", it takes url, token, apiPrefix');
  expect(make({ timeout: 5 })).toThrow('AvtomatikaClient: unknown option "timeout", did you mean "timeoutMs"?');
  expect(make({ retry: { maxRetries: -1 } })).toThrow("retry.maxRetries: expected a number of at least 0, got -1");
});

test("a spent quota isn't tried again, alone or in a batch; a rate limit is, after its pause", async () => {
  const spent = refuse(429, "quota_exceeded", { "retry-after": "0" });
  const { server, client } = await script([spent]);
  const pair = [client.jobs.create("/x", {}), client.jobs.create("/x", {})];
  const calls = [...pair, client.jobs.run("/x", {}), client.jobs.create("/x", {}, { idempotencyKey: "k" })];
  const refused = expect.objectContaining({ status: 429, code: "quota_exceeded" });
  expect(await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))).toEqual(
    calls.map(() => refused),
  );
  expect(server.received).toHaveLength(3);

  const limited = await script([refuse(429, "rate_limited", { "retry-after": "1" }), accept()]);
  const asked = performance.now();
  await limited.client.jobs.create("/x", {});
  expect(performance.now() - asked).toBeGreaterThanOrEqual(990);
  expect(limited.server.received).toHaveLength(2);
});

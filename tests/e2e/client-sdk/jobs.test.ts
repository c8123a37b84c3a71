import { type AvtomatikaError, TimeoutError } from "@avtomatika/client";
import { expect, test } from "vitest";
import { connect, countRequests } from "./connected.ts";

test("create by path and by name, get, wait", async () => {
  const { client } = await connect();
  const byPath = await client.jobs.create("/quick", { some_key: { innerKey: 1 } }, { metadata: { my_label: "x" } });
  const byName = await client.jobs.create("quick");
  expect([byPath.created, byName.created]).toEqual([true, true]);
  const job = await client.jobs.wait(byPath.jobId, { timeoutMs: 30_000 });
  expect(job).toMatchObject({
    id: byPath.jobId,
    blueprintName: "quick",
    status: "finished",
    currentState: "end",
    initialData: { some_key: { innerKey: 1 } },
    result: { got: { some_key: { innerKey: 1 } } },
    metadata: { my_label: "x" },
    waitingFor: null,
  });
  expect(await client.jobs.get(byPath.jobId)).toEqual(job);
});

test("run is one request, if the job ends in time", async () => {
  const { served, client } = await connect();
  const counts = countRequests(served);
  const job = await client.jobs.run<{ n: number }, { got: { n: number } }>("/api/v1/quick", { n: 1 });
  expect(job.result?.got.n).toBe(1);
  expect([...counts]).toEqual([["POST /api/v1/quick", 1]]);
});

test("creations of one tick are one request, a thousand of them too", async () => {
  const { served, client } = await connect();
  const counts = countRequests(served);
  const created = await Promise.all(Array.from({ length: 1000 }, (_, n) => client.jobs.create("/quick", { n })));
  expect([...counts]).toEqual([["POST /api/v1/quick/batch", 1]]);
  expect(new Set(created.map(({ jobId }) => jobId)).size).toBe(1000);
  const job = await client.jobs.wait(created[7]?.jobId as string);
  expect(job.initialData).toEqual({ n: 7 });
});

test("one bad creation of a tick rejects alone", async () => {
  const { client } = await connect();
  const files = [{ file: "a" }, { file: 1 }, { file: "b" }];
  const settled = await Promise.allSettled(files.map((data) => client.jobs.create("typed", data)));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(settled[1]).toMatchObject({ reason: { status: 400, code: "invalid_request" } });
  const deep = JSON.parse(`${'{"a":'.repeat(98)}1${"}".repeat(98)}`);
  const mixed = await Promise.allSettled([deep, { n: 1 }].map((data) => client.jobs.create("quick", data)));
  expect(mixed.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
});

test("the same key gives the same job, and says so; another request with it is a conflict", async () => {
  const { client } = await connect();
  const create = (n: number) => client.jobs.create("/quick", { n }, { idempotencyKey: "order-7" });
  const first = await create(1);
  expect(first.created).toBe(true);
  expect(await create(1)).toEqual({ jobId: first.jobId, created: false });
  await expect(create(2)).rejects.toMatchObject({ status: 409, code: "idempotency_conflict" });
  const run = await client.jobs.run("/quick", { n: 1 }, { idempotencyKey: "order-7" });
  expect(run.jobId).toBe(first.jobId);
});

test("wait and run give up in time; the job goes on", async () => {
  const { client } = await connect();
  const failure = await client.jobs.run("/sleeper", {}, { timeoutMs: 50 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TimeoutError);
  const { jobId } = failure as TimeoutError;
  await expect(client.jobs.wait(jobId as string, { timeoutMs: 50 })).rejects.toBeInstanceOf(TimeoutError);
  const job = await client.jobs.get(jobId as string);
  expect(job).toMatchObject({ status: "sleeping", waitingFor: { kind: "timer", nextState: "end" } });
});

test("explain says what a job waits for and who could help; wait ends when it has got it", async () => {
  const { served, client } = await connect();
  await served.register("w");
  const { jobId } = await client.jobs.create("/work", { n: 1 });
  await served.until(jobId, ({ status }) => status === "waiting_for_worker");
  const explained = await client.jobs.explain(jobId);
  expect(explained).toMatchObject({ jobId, status: "waiting_for_worker", currentState: "start" });
  expect(explained.waitingFor).toMatchObject({ kind: "worker", taskType: "work", workerId: null, phase: "queued" });
  expect(explained.workers).toMatchObject([{ workerId: "w", eligible: true }]);
  const task = await served.take("w");
  const waiting = client.jobs.wait(jobId);
  await served.report(task, "w", { data: { snake_key: 1 } });
  expect(await waiting).toMatchObject({ status: "finished", stateHistory: { snake_key: 1 } });
});

test("cancel is final; a second one is a conflict", async () => {
  const { client } = await connect();
  const { jobId } = await client.jobs.create("/sleeper");
  expect((await client.jobs.cancel(jobId)).status).toMatch(/^cancellation_request_(sent|accepted)$/);
  expect((await client.jobs.wait(jobId)).status).toBe("cancelled");
  await expect(client.jobs.cancel(jobId)).rejects.toMatchObject({ status: 409, code: "conflict" });
});

test("list goes through all pages, newest first", async () => {
  const { client } = await connect();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await client.jobs.create("/sleeper", { n })).jobId);
  await client.jobs.run("/quick");
  const found: string[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages++) {
    const { jobs, nextCursor } = await client.jobs.list({ blueprint: "sleeper", limit: 2, cursor });
    found.push(...jobs.map(({ jobId }) => jobId));
    if (nextCursor === null) {
      expect(pages).toBe(3);
      break;
    }
    cursor = nextCursor;
  }
  expect(found).toEqual(ids.toReversed());
  const { jobs } = await client.jobs.list({ status: "finished" });
  expect(jobs).toMatchObject([{ blueprintName: "quick", status: "finished", currentState: "end" }]);
});

test("refusals have the engine's words", async () => {
  const { client } = await connect();
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: AvtomatikaError) => error,
    );
  const bad = await refusal(client.jobs.create("typed", { file: 1, size: "x" }));
  expect(bad).toMatchObject({ name: "AvtomatikaError", status: 400, code: "invalid_request" });
  expect(bad?.details).toHaveLength(2);
  expect(bad?.requestId).toMatch(/./);
  expect(await refusal(client.jobs.get("nope"))).toMatchObject({ status: 404, code: "not_found" });
  expect(await refusal(client.jobs.create("/nope"))).toMatchObject({ status: 404, code: "not_found" });
  expect(await refusal(client.jobs.create("nope"))).toMatchObject({ status: 404, code: "not_found" });
  expect(await refusal(client.jobs.list({ limit: 5000 }))).toMatchObject({ status: 400 });
  const large = await refusal(client.jobs.create("/quick", { text: "x".repeat(1_100_000) }));
  expect(large).toMatchObject({ status: 413, code: "limit_exceeded" });
  const stranger = await connect({}, { token: "nobody's" });
  expect(await refusal(stranger.client.jobs.list())).toMatchObject({ status: 401, code: "unauthorized" });
});

test("another API prefix", async () => {
  const { client } = await connect({ clientApiPrefix: "clients" }, { apiPrefix: "clients" });
  expect((await client.jobs.run("/clients/v1/quick", {})).status).toBe("finished");
  expect((await client.jobs.run("/quick", {})).status).toBe("finished");
  expect((await client.jobs.run("quick", {})).status).toBe("finished");
});

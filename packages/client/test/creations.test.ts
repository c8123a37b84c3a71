import { expect, test } from "vitest";
import { type CreateOptions, TimeoutError } from "#index";
import { type Act, accept, cut, refuse, say, script } from "./scripted-server.ts";

const blueprints = [
  { name: "resize", api_version: "v2", api_endpoint: "/jobs/resize", path: "/api/v2/jobs/resize", states: ["start"] },
  { name: "child", api_version: null, api_endpoint: null, path: null, states: ["start"] },
];

/** Creations and `/blueprints`. */
function engine(): Act {
  const creation = accept();
  return (response, request) => (request.method === "GET" ? say(200, blueprints) : creation)(response, request);
}

test("all options stand in the envelope, under the wire's names", async () => {
  const { server, client } = await script([accept()]);
  const options: Required<Omit<CreateOptions, "signal">> = {
    idempotencyKey: "order-7",
    webhookUrl: "https://example.org/hook",
    priority: 5,
    metadata: { for: "me" },
    dispatchTimeoutSeconds: 1.5,
    resultTimeoutSeconds: 60,
  };
  await client.jobs.create("/jobs/x", { some_key: { otherKey: 1 } }, options);
  expect(server.received[0]).toMatchObject({
    method: "POST",
    path: "/api/v1/jobs/x",
    headers: { "x-client-token": "t", "idempotency-key": "order-7", "content-type": "application/json" },
  });
  expect(server.received[0]?.body).toEqual({
    initial_data: { some_key: { otherKey: 1 } },
    webhook_url: "https://example.org/hook",
    priority: 5,
    metadata: { for: "me" },
    dispatch_timeout: 1.5,
    result_timeout: 60,
  });
});

test.each([
  ["/jobs/x", {}, "/api/v1/jobs/x"],
  ["jobs/x", {}, "/api/v1/jobs/x"],
  ["/x", {}, "/api/v1/x"],
  ["/api/v2/jobs/x", {}, "/api/v2/jobs/x"],
  ["/api/jobs/x", {}, "/api/jobs/x"],
  ["/apiary/x", {}, "/api/v1/apiary/x"],
  ["/api/v1/x", { apiPrefix: "/clients/" }, "/clients/v1/api/v1/x"],
  ["/clients/v1/x", { apiPrefix: "clients" }, "/clients/v1/x"],
])("%s with %j is created at %s", async (target, options, path) => {
  const { server, client } = await script([accept()], options);
  await client.jobs.create(target, {});
  expect(server.received[0]?.path).toBe(path);
});

test("a path in the URL stands before every other", async () => {
  const { server } = await script([accept()]);
  const { AvtomatikaClient } = await import("#index");
  const client = new AvtomatikaClient({ url: `${server.url}/behind/`, token: "t" });
  await client.jobs.create("/x", {});
  await client.close();
  expect(server.received[0]?.path).toBe("/behind/api/v1/x");
});

test.each(["", "/", "/a//b", "/a?wait=3", "/a#b", "/a/../b", "a b/c", "/a/"])("%j is no target", async (target) => {
  const { server, client } = await script([accept()]);
  await expect(client.jobs.create(target, {})).rejects.toMatchObject({ code: "invalid_argument" });
  expect(server.received).toEqual([]);
});

test("a bare name is a blueprint's: the engine is asked for its path once, by all together", async () => {
  const { server, client } = await script([engine()]);
  await Promise.all([client.jobs.create("resize", { a: 1 }), client.jobs.create("resize", { a: 2 })]);
  await client.jobs.create("resize", { a: 3 });
  expect(server.received.map(({ path }) => path)).toEqual([
    "/api/v1/blueprints",
    "/api/v2/jobs/resize/batch",
    "/api/v2/jobs/resize",
  ]);
});

test("an unknown name is told with those there are, and asked for again next time", async () => {
  const { server, client } = await script([engine()]);
  await expect(client.jobs.create("resise", {})).rejects.toMatchObject({
    code: "not_found",
    message: 'there is no blueprint "resise"; the engine has "resize". A path has a slash: "/resise"',
  });
  await expect(client.jobs.create("child", {})).rejects.toThrow('blueprint "child" has no apiEndpoint');
  await client.jobs.create("later", {}).catch(() => {});
  expect(server.received).toHaveLength(2);
});

test("a path that the engine has given up is asked for again", async () => {
  const creation = accept();
  let created = 0;
  const { server, client } = await script([
    (response, request) => {
      if (request.method === "GET") return say(200, blueprints)(response, request);
      created += 1;
      return (created === 2 ? refuse(404, "not_found") : creation)(response, request);
    },
  ]);
  await client.jobs.create("resize", {});
  await expect(client.jobs.create("resize", {})).rejects.toMatchObject({ status: 404 });
  await client.jobs.create("resize", {});
  expect(server.received.filter(({ method }) => method === "GET")).toHaveLength(2);
});

test("creations of one tick travel as one batch per path, at most 1,000 in each; each gets its own id", async () => {
  const { server, client } = await script([accept()]);
  const creations = Array.from({ length: 1001 }, (_, n) => client.jobs.create("/x", { n }));
  const other = client.jobs.create("/y", {});
  const ids = (await Promise.all(creations)).map(({ jobId }) => jobId);
  await other;
  expect(new Set(ids).size).toBe(1001);
  expect(server.received.map(({ path }) => path).sort()).toEqual(["/api/v1/x", "/api/v1/x/batch", "/api/v1/y"]);
  const batch = server.received.find(({ path }) => path.endsWith("/batch"));
  expect(batch?.body.jobs).toHaveLength(1000);
  expect(batch?.body.jobs[7]).toEqual({ initial_data: { n: 7 } });
});

test("a batch stays below the size that any request may have", async () => {
  const { server, client } = await script([accept()]);
  const text = "x".repeat(400_000);
  await Promise.all([1, 2, 3].map((n) => client.jobs.create("/x", { n, text })));
  expect(server.received.map(({ path }) => path).sort()).toEqual(["/api/v1/x", "/api/v1/x/batch"]);
});

test("creations with a key of their own travel alone: created tells whether the key was new", async () => {
  const { server, client } = await script([
    say(202, { status: "accepted", job_id: "a" }),
    say(200, { status: "accepted", job_id: "a" }),
  ]);
  expect(await client.jobs.create("/x", {}, { idempotencyKey: "k" })).toEqual({ jobId: "a", created: true });
  const again = [1, 2].map(() => client.jobs.create("/x", {}, { idempotencyKey: "k" }));
  expect(await Promise.all(again)).toEqual(Array(2).fill({ jobId: "a", created: false }));
  expect(server.received.map(({ path }) => path)).toEqual(Array(3).fill("/api/v1/x"));
});

test("a refused entry of a batch rejects its own creation only", async () => {
  const jobs = [
    { status: "accepted", job_id: "a" },
    { status: "rejected", error: "initial_data.n: no", code: "invalid_request" },
    { status: "rejected", error: "used", code: "idempotency_conflict" },
  ];
  const { client } = await script([say(202, { jobs })]);
  const settled = await Promise.allSettled([1, 2, 3].map((n) => client.jobs.create("/x", { n })));
  expect(settled).toMatchObject([
    { value: { jobId: "a", created: true } },
    { reason: { status: 400, code: "invalid_request", message: "initial_data.n: no" } },
    { reason: { status: 409, code: "idempotency_conflict" } },
  ]);
});

test("a batch that is refused as a whole goes entry by entry: nobody pays for another's fault", async () => {
  const creation = accept();
  const { server, client } = await script([
    (response, request) => {
      const isBad = JSON.stringify(request.body).includes("bad");
      return (isBad ? refuse(400, "invalid_request") : creation)(response, request);
    },
  ]);
  const data = [{ a: 1 }, { bad: 2 }, { a: 3 }];
  const settled = await Promise.allSettled(data.map((each) => client.jobs.create("/x", each)));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(server.received).toHaveLength(4);
});

test("any other failure of a batch is everybody's", async () => {
  const { server, client } = await script([refuse(401, "unauthorized")]);
  const settled = await Promise.allSettled([1, 2].map((n) => client.jobs.create("/x", { n })));
  expect(settled).toMatchObject([{ reason: { status: 401 } }, { reason: { status: 401 } }]);
  expect(server.received).toHaveLength(1);
});

test("an abort takes a creation out of its batch, or leaves the batch alone if that is under way", async () => {
  const controller = new AbortController();
  const { server, client } = await script([accept()]);
  const { signal } = controller;
  const gone = client.jobs.create("/x", { n: 1 }, { signal });
  const others = [2, 3].map((n) => client.jobs.create("/x", { n }));
  const stopped = expect(gone).rejects.toThrow("enough");
  // The targets are found in microtasks, the batch goes when they are through.
  await Promise.resolve();
  controller.abort(new Error("enough"));
  await stopped;
  await Promise.all(others);
  expect(server.received[0]?.body.jobs).toEqual([2, 3].map((n) => ({ initial_data: { n } })));
});

test.each([[say(202, { status: "accepted" })], [say(202, "accepted")], [say(202, [])]])(
  "an answer that isn't the engine's is bad_answer",
  async (act) => {
    const { client } = await script([act]);
    await expect(client.jobs.create("/x", {})).rejects.toMatchObject({ status: 202, code: "bad_answer" });
    const two = await Promise.allSettled([1, 2].map((n) => client.jobs.create("/x", { n })));
    expect(two).toMatchObject([{ reason: { code: "bad_answer" } }, { reason: { code: "bad_answer" } }]);
  },
);

test.each([
  [{ a: Number.NaN }, 'initialData: "a" is NaN, which JSON can\'t hold'],
  [{ a: { b: 10n } }, 'initialData: "b" is a bigint, which JSON can\'t hold'],
  [{ a: new Map() }, 'initialData: "a" is a Map, which JSON can\'t hold'],
  [{ a: () => 1 }, 'initialData: "a" is a function, which JSON can\'t hold'],
  [[1], "initialData: expected an object"],
])("data that JSON would change is refused: %o", async (data, message) => {
  const { server, client } = await script([accept()]);
  await expect(client.jobs.create("/x", data)).rejects.toThrow(message);
  expect(server.received).toEqual([]);
});

test("dates are sent as JSON has them, undefined not at all", async () => {
  const { server, client } = await script([accept()]);
  await client.jobs.create("/x", { at: new Date(0), nothing: undefined });
  expect(server.received[0]?.body).toEqual({ initial_data: { at: "1970-01-01T00:00:00.000Z" } });
});

test.each(["", "k".repeat(256), "new\nline", " k", "ключ"])("%j is no idempotency key", async (idempotencyKey) => {
  const { server, client } = await script([accept()]);
  const creation = client.jobs.create("/x", {}, { idempotencyKey });
  await expect(creation).rejects.toThrow("idempotencyKey: expected 1 to 255 printable");
  expect(server.received).toEqual([]);
});

test("options are checked at run time as well", async () => {
  const { client } = await script([accept()]);
  const wrong = { priorty: 1 } as CreateOptions;
  await expect(client.jobs.create("/x", {}, wrong)).rejects.toThrow(
    'jobs.create: unknown option "priorty", did you mean "priority"?',
  );
});

test("run asks the engine to hold its answer, and goes on asking until the job has ended", async () => {
  const running = { id: "j", job_id: "j", status: "running" };
  const { server, client } = await script([
    say(202, { status: "accepted", job_id: "j" }),
    cut,
    say(200, running),
    say(200, { ...running, status: "finished", result: { n: 1 } }),
  ]);
  const job = await client.jobs.run("/x", { a: 1 }, { timeoutMs: 10_000, priority: 1 });
  expect(job).toMatchObject({ jobId: "j", status: "finished", result: { n: 1 } });
  expect(server.received[0]?.body).toEqual({ initial_data: { a: 1 }, priority: 1 });
  const paths = server.received.map(({ path }) => path.replace(/=[\d.]+/, "="));
  expect(paths).toEqual(["/api/v1/x?wait=", ...Array(3).fill("/api/v1/jobs/j?wait=")]);
});

test("run without time creates the job, and says which it is", async () => {
  const { server, client } = await script([say(202, { status: "accepted", job_id: "j" })]);
  const failure = await client.jobs.run("/x", {}, { timeoutMs: 0 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TimeoutError);
  expect(failure).toMatchObject({ jobId: "j", message: "job j has not ended after 0 ms" });
  expect(server.received.map(({ path }) => path)).toEqual(["/api/v1/x"]);
});

import { errorAnswer, violations } from "@avtomatika/protocol";
import { loadConfig, MemoryStorage, OrchestratorEngine } from "avtomatika";
import { afterEach, expect, test, vi } from "vitest";
import { prepare, Served, serve, tokens } from "./served.ts";

/** What needs no token; the bearer's route, `POST /_public/webhooks/approval/:job_id`, answers 401 by itself. */
const open = [
  "GET /_public/status",
  "GET /_public/ready",
  "GET /_public/openapi.json",
  "GET /_public/docs",
  "GET /_public/docs/:file",
];

afterEach(() => {
  vi.unstubAllEnvs();
});

// Lesson 16, first half.
test("every route without credentials answers 401 except an explicit allow-list", async () => {
  const engine = prepare({});
  const routes: { method: string; url: string }[] = [];
  engine.app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) if (each !== "HEAD") routes.push({ method: each, url });
  });
  await engine.start();
  const served = new Served(engine);
  expect(routes.length).toBeGreaterThan(30);
  const answered: string[] = [];
  for (const { method, url } of routes) {
    const path = url.replaceAll(/:\w+/g, "x");
    // A poll's refusal is held back for 5 s: see the tests of the server.
    if (path.endsWith("/tasks/next")) continue;
    const { status, body } = await served.call(
      method,
      path,
      method === "GET" ? {} : { body: { decision: "approved" } },
    );
    if (status !== 401) answered.push(`${method} ${url}`);
    else expect(violations(errorAnswer, body)).toEqual([]);
  }
  expect(answered).toEqual(open);
});

test("unknown paths below the guarded prefixes answer 401 without a token, then 404 or 405", async () => {
  const served = await serve();
  for (const [method, path] of [
    ["GET", "/api"],
    ["GET", "/api/"],
    ["GET", "/api/v1"],
    ["GET", "/api/v2/jobs"],
    ["GET", "/api/v1/nothing"],
    ["POST", "/api/v1/jobs/x"],
    ["DELETE", "/api/v1/jobs/x"],
    ["GET", "/api/v1/jobs/x/"],
    ["GET", "/_worker"],
    ["GET", "/_worker/ws"],
    ["POST", "/_worker/nothing"],
  ] as const) {
    expect([path, (await served.call(method, path)).status]).toEqual([path, 401]);
    const call = path.startsWith("/api") ? served.client.bind(served) : served.worker.bind(served);
    expect([404, 405]).toContain((await call(method, path)).status);
  }
  expect((await served.call("GET", "/apix")).status).toBe(404);
  expect((await served.call("GET", "/_public/nothing")).status).toBe(404);
  expect((await served.call("GET", "/_public/jobs/quarantined")).status).toBe(404);
  expect((await served.call("POST", "/_public/debug/flush_db")).status).toBe(404);
});

test("the first of X-Avtomatika-Token, X-Client-Token and Authorization: Bearer that is there counts", async () => {
  const served = await serve();
  const { clientToken: right, workerToken } = tokens;
  const status = async (headers: Record<string, string>) =>
    (await served.call("GET", "/api/v1/jobs", { headers })).status;
  for (const headers of [
    { "x-avtomatika-token": right, "x-client-token": "wrong" },
    { "x-client-token": right, authorization: "Bearer wrong" },
    { authorization: `Bearer ${right}` },
    { authorization: `bearer ${right}` },
  ]) {
    expect(await status(headers)).toBe(200);
  }
  for (const headers of [
    { "x-avtomatika-token": "wrong", "x-client-token": right },
    { "x-avtomatika-token": "", "x-client-token": right },
    { authorization: `Basic ${right}` },
    { authorization: right },
    { "x-client-token": `${right}x` },
    { "x-client-token": workerToken },
    { "x-worker-token": right },
  ]) {
    expect(await status(headers)).toBe(401);
  }
});

test("a token of one group is unknown to the other", async () => {
  const served = await serve();
  const headers = { "x-worker-token": tokens.clientToken, "x-client-token": tokens.clientToken };
  expect((await served.call("GET", "/_worker/tasks/x", { headers })).status).toBe(401);
});

// Lesson 16, second half: the spec refuses default secrets in production and warns otherwise.
test("with NODE_ENV=production the start is refused with default secrets", async () => {
  vi.stubEnv("NODE_ENV", "production");
  for (const given of [{}, { clientToken: "mine" }, { globalWorkerToken: "mine" }]) {
    const config = loadConfig({ apiHost: "127.0.0.1", apiPort: 0, logLevel: "silent", ...given });
    const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config });
    await expect(engine.start()).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringContaining("NODE_ENV is production"),
    });
  }
});

// Lesson 17. Without webhooks and history in this version: the stored job, its view, the task.
test("stored job, view and task payload contain no token or Authorization header", async () => {
  const storage = new MemoryStorage();
  const served = await serve({}, { storage });
  await served.register("w", { token: "token-of-the-worker" });
  const headers = {
    authorization: `Bearer ${tokens.clientToken}`,
    "x-worker-token": "",
    cookie: "session=secret-cookie",
  };
  const { body } = await served.call("POST", "/api/v1/work", { body: { a: 1 }, headers });
  const task = await served.take("w");
  const texts = [JSON.stringify(task), JSON.stringify(await served.view(body.job_id))];
  const { found } = await storage.getJob({ jobId: body.job_id });
  texts.push(JSON.stringify(found), JSON.stringify(await storage.listWorkers({ since: 0 })));
  for (const text of texts) {
    expect(text.length).toBeGreaterThan(50);
    for (const secret of [
      tokens.clientToken,
      tokens.workerToken,
      "token-of-the-worker",
      "secret-cookie",
      "uthorization",
    ]) {
      expect(text).not.toContain(secret);
    }
  }
});

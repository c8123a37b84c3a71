import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, MemoryStorage, OrchestratorEngine, SqliteStorage, StateMachineBlueprint } from "avtomatika";
import { RedisStorage } from "avtomatika/redis";
import { afterAll, expect, test } from "vitest";
import { flows } from "./flows.ts";
import { prepare, Served, serve } from "./served.ts";

const folder = mkdtempSync(join(tmpdir(), "avtomatika-life-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the app is there from construction, and may be used for own routes and inject()", async () => {
  const engine = prepare({});
  engine.app.get("/hello", () => "hi");
  await engine.app.register(async (app) => {
    app.get("/plugin", () => "plugged");
  });
  expect(() => engine.address).toThrow("the engine doesn't listen: start it first");
  await engine.start();
  expect((await engine.app.inject("/hello")).body).toBe("hi");
  expect((await engine.app.inject("/plugin")).body).toBe("plugged");
  expect(engine.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test("the order of calls: no blueprint after the start, no job before it, stop as often as you like", async () => {
  const engine = prepare({});
  await engine.stop();
  await expect(engine.createJob("quick")).rejects.toMatchObject({ code: "engine_state" });
  await Promise.all([engine.start(), engine.start()]);
  expect(() => engine.registerBlueprint(flows()[0] as StateMachineBlueprint)).toThrow(
    "blueprints are registered before the start",
  );
  await Promise.all([engine.stop(), engine.stop()]);
  await engine.stop();
  await expect(engine.start()).rejects.toThrow("an engine starts once: make a new one");
  await expect(engine.createJob("quick")).rejects.toMatchObject({ code: "engine_state" });
});

test("stop during a start waits for it", async () => {
  const engine = prepare({});
  const starting = engine.start();
  await engine.stop();
  await starting;
  expect(engine.app.server.listening).toBe(false);
});

test("the configuration may be changed until the start, and is checked then", async () => {
  const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config: loadConfig({ logLevel: "silent" }) });
  engine.config.apiHost = "127.0.0.1";
  engine.config.apiPort = 70_000;
  await expect(engine.start()).rejects.toThrow("config.apiPort: expected a whole number from 0 to 65535, got 70000");
});

test("a start that fails leaves nothing open: the store's file is free, the port too", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const { port } = blocker.address() as { port: number };
  const path = join(folder, "failed.db");
  await expect(prepare({ apiPort: port }, new SqliteStorage(path)).start()).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
  await new Promise((resolve) => blocker.close(resolve));
  const engine = prepare({ apiPort: port }, new SqliteStorage(path));
  await engine.start();
  expect(engine.address).toBe(`http://127.0.0.1:${port}`);
});

test("without a storage the configuration chooses one", async () => {
  const path = join(folder, "chosen", "engine.db");
  const engine = new OrchestratorEngine({
    config: loadConfig({ apiHost: "127.0.0.1", apiPort: 0, logLevel: "silent", storageUri: `sqlite:${path}` }),
  });
  await engine.start();
  expect(existsSync(path)).toBe(true);
  await engine.stop();
  const redis = new OrchestratorEngine({
    config: loadConfig({ redisUrl: "redis://:password@127.0.0.1:1", logLevel: "silent" }),
  });
  await expect(redis.start()).rejects.toThrow(
    /^REDIS_URL: can't reach Redis at redis:\/\/127\.0\.0\.1:1: .* name another in REDIS_URL, /,
  );
  const own = new OrchestratorEngine({
    storage: new RedisStorage("redis://127.0.0.1:1"),
    config: loadConfig({ redisUrl: "redis://elsewhere", logLevel: "silent" }),
  });
  await expect(own.start()).rejects.toThrow(/^can't reach Redis at redis:\/\/127\.0\.0\.1:1: (?!.*REDIS_URL)/);
});

test("jobs go on after a restart over the same file", async () => {
  const path = join(folder, "restart.db");
  const first = await serve({}, { storage: new SqliteStorage(path) });
  const id = await first.create("work", { n: 1 });
  await first.engine.stop();
  const second = await serve({}, { storage: new SqliteStorage(path) });
  await second.register("w");
  const task = await second.take("w");
  expect(task.job_id).toBe(id);
  await second.report(task, "w", { data: { done: true } });
  expect(await second.view(id, 30)).toMatchObject({ status: "finished", state_history: { done: true } });
});

test("a stop answers parked polls with 204 and held views as they are, and closes their connections", async () => {
  const engine = prepare({ workerPollTimeoutSeconds: 30 });
  let held = 0;
  engine.app.addHook("onRequest", async ({ url }) => {
    if (/wait=60|next/.test(url)) held += 1;
  });
  await engine.start();
  const served = new Served(engine);
  await served.register("w");
  const id = await served.create("approval");
  await served.until(id, (job) => job.waiting_for?.kind === "human");
  const poll = served.worker("GET", "/_worker/workers/w/tasks/next");
  const view = served.client("GET", `/api/v1/jobs/${id}?wait=60`);
  const creation = served.client("POST", "/api/v1/sleeper?wait=60", { body: {} });
  await expect.poll(() => held).toBe(3);
  await served.engine.stop();
  const answers = await Promise.all([poll, view, creation]);
  expect(answers.map(({ status }) => status)).toEqual([204, 200, 202]);
  expect(answers.map(({ headers }) => headers.get("connection"))).toEqual(["close", "close", "close"]);
});

test("while a handler still runs, a stop goes on taking results and creations, and holds polls", async () => {
  let release = (): void => {};
  let begun = (): void => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const slow = new StateMachineBlueprint({ name: "slow", apiVersion: "v1", apiEndpoint: "slow" });
  slow.handlerFor("start", { isStart: true }, async ({ actions }) => {
    begun();
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    actions.transitionTo("finished");
  });
  const storage = new MemoryStorage();
  const served = await serve({ workerPollTimeoutSeconds: 30 }, { storage, blueprints: [...flows(), slow] });
  await served.register("w");
  const first = await served.create("work");
  const task = await served.take("w");
  const id = await served.create("slow");
  await running;
  const stopping = served.engine.stop();
  const queued = await served.create("work");
  const poll = served.worker("GET", "/_worker/workers/w/tasks/next");
  expect(await served.report(task, "w", null)).toEqual({ status: "result_accepted_success" });
  release();
  await stopping;
  expect((await poll).status).toBe(204);
  await storage.open();
  const statuses = await Promise.all(
    [first, id, queued].map(async (jobId) => (await storage.getJob({ jobId })).found?.job.status),
  );
  expect(statuses[1]).toBe("finished");
  expect(["running", "finished"]).toContain(statuses[0]);
  expect(["pending", "waiting_for_worker"]).toContain(statuses[2]);
});

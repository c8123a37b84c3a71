import { expect, test, vi } from "vitest";
import { lineLogger } from "#logger/line-logger";
import { scriptedEngine, workerOf } from "./scripted-engine.ts";

const idle = (): void => {};

test("start resolves with the first registration, which carries every option in the words of the wire", async () => {
  const engine = await scriptedEngine();
  const worker = workerOf(engine, {
    orchestratorUrl: new URL(engine.url),
    maxConcurrentTasks: 3,
    costPerSkill: { a: 0.5 },
    costPerSecond: 2,
    resources: { cpuCores: 8, gpuInfo: { model: "H100", vramGb: 80 }, disk_gb: 10 },
    installedModels: [{ name: "llama", version: "3" }],
    installedSoftware: { ffmpeg: "7" },
    hotCache: ["llama"],
    capabilities: { fast: true },
  });
  await worker.task("a", idle).task("b", idle).start();
  expect(engine.of("register")[0]?.body).toMatchObject({
    worker_id: "w",
    worker_type: "generic-worker",
    supported_tasks: ["a", "b"],
    current_tasks: [],
    max_concurrent_tasks: 3,
    cost_per_second: 2,
    cost_per_skill: { a: 0.5 },
    resources: { cpu_cores: 8, gpu_info: { model: "H100", vram_gb: 80 }, disk_gb: 10 },
    installed_models: [{ name: "llama", version: "3" }],
    installed_software: { ffmpeg: "7" },
    hot_cache: ["llama"],
    capabilities: { fast: true },
  });
});

test.each([400, 401, 403])("start rejects when the engine answers %s, and may be called again", async (status) => {
  const engine = await scriptedEngine();
  engine.scripts.register = () => ({ status, body: { error: "no such worker", code: "x" } });
  const worker = workerOf(engine).task("a", idle);
  await expect(worker.start()).rejects.toThrow(`${status}: no such worker`);
  delete engine.scripts.register;
  await worker.start();
});

test("start tries again while the engine is away, answers nonsense or errors", async () => {
  const engine = await scriptedEngine();
  const replies = ["cut", { status: 503 }, { status: 404 }, { status: 200, raw: "<html>" }] as const;
  engine.scripts.register = (call) => replies[engine.of("register").length - 1] ?? engine.usual(call);
  await workerOf(engine).task("a", idle).start();
  expect(engine.of("register")).toHaveLength(5);
});

test("start waits for an engine that isn't there yet", async () => {
  const engine = await scriptedEngine();
  await engine.stop();
  const started = workerOf(engine).task("a", idle).start();
  await engine.start();
  await started;
});

test("the log says once what is taken from whom, and once each that the engine is away and back", async () => {
  const engine = await scriptedEngine();
  const lines: string[] = [];
  const logger = lineLogger("INFO", (line) => lines.push(line));
  const orchestratorUrl = engine.url.replace("//", "//user:secret@");
  const worker = workerOf(engine, { orchestratorUrl, logger, heartbeatIntervalMs: 20 }).task("a", idle).task("b", idle);
  await worker.start();
  await engine.until(() => engine.of("poll").length === 1);
  await engine.stop();
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  await engine.start();
  await engine.until(() => engine.of("poll").length === 2);
  const entry = (line: string) => JSON.parse(line) as Record<string, unknown>;
  expect(lines.map(entry)).toMatchObject([
    {
      level: "info",
      workerId: "w",
      taskTypes: ["a", "b"],
      engine: engine.url,
      msg: `w takes a, b from the engine at ${engine.url}`,
    },
    { level: "warn", msg: expect.stringContaining(`the engine at ${engine.url} is away: `) as string },
    { level: "info", msg: `the engine at ${engine.url} is back` },
  ]);
  expect(lines.join()).not.toContain("secret");
});

test("an engine whose polls are always cut is away once, until one is answered", async () => {
  const engine = await scriptedEngine();
  const lines: string[] = [];
  engine.scripts.poll = () => "cut";
  const worker = workerOf(engine, { logger: lineLogger("INFO", (line) => lines.push(line)) }).task("a", idle);
  await worker.start();
  await engine.until(() => engine.of("poll").length === 4);
  const told = () => lines.map((line) => (/ is (away|back)/.exec(line) ?? [])[1]).filter((word) => word !== undefined);
  expect(told()).toEqual(["away", "back"]);
  engine.scripts.poll = () => ({ status: 204 });
  await engine.until(() => engine.of("poll").length === 7);
  engine.scripts.poll = () => "cut";
  await engine.until(() => engine.of("poll").length === 9);
  expect(told()).toEqual(["away", "back", "away", "back"]);
});

test("a worker that is stopped before it reached its engine rejects its start", async () => {
  const engine = await scriptedEngine();
  await engine.stop();
  const worker = workerOf(engine).task("a", idle);
  const started = worker.start();
  await Promise.all([worker.stop(), expect(started).rejects.toThrow("stopped before")]);
});

test("an engine that forgot the worker is told everything again, the running tasks by name", async () => {
  const engine = await scriptedEngine();
  const finish = Promise.withResolvers<object>();
  const worker = workerOf(engine, { heartbeatIntervalMs: 20, costPerSecond: 7 }).task("a", () => finish.promise);
  await worker.start();
  const [id] = engine.give({ type: "a" });
  await engine.until(() => engine.of("poll").length === 2);
  engine.record = {};
  await engine.until(() => engine.of("register").length === 2);
  expect(engine.of("register")[1]?.body).toMatchObject({ cost_per_second: 7, current_tasks: [id] });
  finish.resolve({ done: true });
  expect(await engine.resultOf(id)).toEqual({ status: "success", data: { done: true } });
});

test("an engine that doesn't know the worker and says 404 is told again, too", async () => {
  const engine = await scriptedEngine();
  engine.scripts.heartbeat = (call) => (engine.of("register").length === 1 ? { status: 404 } : engine.usual(call));
  await workerOf(engine, { heartbeatIntervalMs: 20 }).task("a", idle).start();
  await engine.until(() => engine.of("register").length === 2);
});

test("of two processes with one id the older one doesn't register against the newer one", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine, { heartbeatIntervalMs: 10 }).task("a", idle).start();
  engine.record = { ...engine.record, sdk_process: "9999-12-31/newer" };
  const before = engine.of("heartbeat").length;
  await engine.until(() => engine.of("heartbeat").length > before + 3);
  expect(engine.of("register")).toHaveLength(1);
});

test("after a poll that got lost the worker registers again: what was in the answer is given back", async () => {
  const engine = await scriptedEngine();
  let lost = 0;
  engine.scripts.poll = (call) => (lost++ === 0 ? "cut" : engine.usual(call));
  await workerOf(engine).task("a", idle).start();
  await engine.until(() => engine.of("poll").length === 2);
  expect(engine.calls.map(({ route }) => route).filter((route) => route !== "heartbeat")).toEqual([
    "register",
    "poll",
    "register",
    "poll",
  ]);
});

test("a path before /_worker is kept, as is a worker id with odd letters", async () => {
  const engine = await scriptedEngine();
  await workerOf(engine, { orchestratorUrl: `${engine.url}/av/`, workerId: "a/b ü" })
    .task("a", idle)
    .start();
  await engine.until(() => engine.of("poll").length > 0);
  expect(engine.of("register")[0]?.url).toBe("/av/_worker/workers/register");
  expect(engine.of("poll")[0]?.url).toBe("/av/_worker/workers/a%2Fb%20%C3%BC/tasks/next?limit=10&timeout=30");
});

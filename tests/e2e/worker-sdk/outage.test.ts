import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import { serve, tokens } from "../http/served.ts";
import { employ } from "./employ.ts";
import { flows } from "./flows.ts";

const folder = mkdtempSync(join(tmpdir(), "avtomatika-worker-outage-"));
const running: ChildProcess[] = [];
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

const execArgv = ["--disable-warning=ExperimentalWarning"];
const engineModule = fileURLToPath(new URL("./engine-process.ts", import.meta.url));
const workerModule = fileURLToPath(new URL("./worker-process.ts", import.meta.url));

interface EngineProcess {
  url: string;
  kill(): Promise<void>;
}

async function engineProcess(file: string, port = "0"): Promise<EngineProcess> {
  const args = [...execArgv, engineModule, file, port, tokens.clientToken, tokens.workerToken];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  running.push(child);
  const [line] = await once(child.stdout, "data");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await once(child, "close");
  };
  return { url: String(line).trim(), kill };
}

/** Breaks off whatever comes to a port; resolves when a result has come, and the port is free again. */
async function refuseResults(port: number): Promise<void> {
  const came = Promise.withResolvers<void>();
  const server = createServer((request) => {
    request.socket.destroy();
    if (request.url?.includes("result")) came.resolve();
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  await came.promise;
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

// biome-ignore lint/suspicious/noExplicitAny: what tests look into is what they check
async function call(url: string, path: string, body?: object): Promise<any> {
  const headers = { "x-client-token": tokens.clientToken, "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: body ? "POST" : "GET",
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.json();
}

test("the engine is killed while tasks run and comes back: results are kept, nothing runs twice", async () => {
  const file = join(folder, "killed.db");
  const engine = await engineProcess(file);
  const runs = new Map<number, number>();
  const finish = Promise.withResolvers<void>();
  const allRun = Promise.withResolvers<void>();
  const worker = employ(engine.url, { maxConcurrentTasks: 5 }).task("work", async ({ n }) => {
    runs.set(n, (runs.get(n) ?? 0) + 1);
    if (runs.size === 5) allRun.resolve();
    await finish.promise;
    return { n };
  });
  await worker.start();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await call(engine.url, "work", { n })).job_id);
  await allRun.promise;
  await engine.kill();
  const { port } = new URL(engine.url);
  const refused = refuseResults(Number(port));
  finish.resolve();
  await refused;
  const again = await engineProcess(file, port);
  const ends = await Promise.all(ids.map((id) => call(again.url, `jobs/${id}?wait=30`)));
  expect(ends.map(({ status, result }) => [status, result])).toEqual(ids.map((_, n) => ["finished", { n }]));
  expect([...runs.values()]).toEqual([1, 1, 1, 1, 1]);
  // And it goes on working.
  const more = await call(again.url, "work?wait=30", { n: 7 });
  expect(more.result).toEqual({ n: 7 });
});

test("an engine that lost everything is told who the worker is, and hands it tasks again", async () => {
  const engine = await engineProcess("memory");
  const worker = employ(engine.url, { costPerSecond: 7 }).task("work", ({ n }) => ({ n }));
  await worker.start();
  expect((await call(engine.url, "work?wait=30", { n: 1 })).result).toEqual({ n: 1 });
  await engine.kill();
  const again = await engineProcess("memory", new URL(engine.url).port);
  expect((await call(again.url, "work?wait=30", { n: 2 })).result).toEqual({ n: 2 });
  const [record] = await call(again.url, "workers");
  expect(record).toMatchObject({ worker_id: "w", cost_per_second: 7 });
});

test("SIGTERM lets the running task end, delivers its result, and ends the process with 0", async () => {
  const served = await serve({}, { blueprints: flows() });
  const env = {
    ...process.env,
    ORCHESTRATOR_URL: served.engine.address,
    WORKER_TOKEN: tokens.workerToken,
    WORKER_ID: "process",
    LOG_LEVEL: "error",
  };
  const child = fork(workerModule, { execArgv, env });
  running.push(child);
  const began = once(child, "message");
  const id = await served.create("work");
  expect(await began).toEqual(["began", undefined]);
  child.kill("SIGTERM");
  await expect
    .poll(async () => (await served.client("GET", "/api/v1/workers")).body[0]?.status, { interval: 5 })
    .toBe("draining");
  const ended = once(child, "exit");
  child.send("finish");
  expect(await ended).toEqual([0, null]);
  expect((await served.view(id)).result).toEqual({ by: "process" });
});

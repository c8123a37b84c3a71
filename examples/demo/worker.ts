// A worker of the demo, a process of its own with nothing but fetch. It registers, polls, beats, and sends results; while
// the engine is away it goes on working and tries again until it is back.
// Environment: ENGINE_URL, WORKER_TOKEN, WORKER_ID, EXECUTIONS (a file that gets a line for each run of a task).
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { tasks } from "./tasks.ts";

interface Task {
  job_id: string;
  task_id: string;
  type: string;
  params: Record<string, unknown>;
  attempt: number;
}

const { ENGINE_URL: url, WORKER_TOKEN: token, WORKER_ID: id, EXECUTIONS: executions } = process.env;
const capacity = 4;
const beatMs = 5000;
const retryMs = 100;

const open = new Map<string, Promise<void>>();
const stop = new AbortController();
// The driver holds the other end of stdin: when it is gone, so is the reason to work.
process.stdin.on("end", () => process.exit(1)).resume();
process.on("SIGTERM", () => stop.abort());

await register();
const beat = setInterval(() => void heartbeat(), beatMs);
while (!stop.signal.aborted) await takeTasks();
clearInterval(beat);
process.exit(0);

async function register(): Promise<void> {
  const supported = Object.keys(tasks);
  const body = { worker_id: id, supported_tasks: supported, max_concurrent_tasks: capacity, current_tasks: [] };
  await insist("POST", "/_worker/workers/register", body);
}

/** Waits for tasks while there is room, for room otherwise. */
async function takeTasks(): Promise<void> {
  const room = capacity - open.size;
  if (room === 0) {
    await Promise.race(open.values());
    return;
  }
  const answer = await call("GET", `/_worker/workers/${id}/tasks/next?limit=${room}&timeout=5`);
  if (answer === null) {
    await pause(retryMs);
    return;
  }
  if (answer.status !== 200) return;
  const { tasks: taken } = answer.body as { tasks: Task[] };
  for (const task of taken) {
    const done = run(task).finally(() => open.delete(task.task_id));
    open.set(task.task_id, done);
  }
}

async function run(task: Task): Promise<void> {
  record(task);
  const result = await execute(task);
  await insist("POST", "/_worker/tasks/result", { job_id: task.job_id, task_id: task.task_id, worker_id: id, result });
}

async function execute({ type, params }: Task): Promise<object> {
  try {
    const data = await tasks[type]?.(params);
    return { status: "success", data };
  } catch (error) {
    return { status: "failure", error: { code: "TRANSIENT_ERROR", message: String(error) } };
  }
}

/** One write of a short line to the end of a file is whole, whoever else writes. */
function record({ job_id, type, params, attempt }: Task): void {
  if (executions === undefined) return;
  const part = params["from"] ?? null;
  appendFileSync(executions, `${JSON.stringify({ job_id, type, part, attempt, worker: id })}\n`);
}

async function heartbeat(): Promise<void> {
  await call("PATCH", `/_worker/workers/${id}`, { load: open.size / capacity, current_tasks: [...open.keys()] });
}

/** Until the engine has taken it (`200` is the only acknowledgement), or both are told to end and it went first. */
async function insist(method: string, path: string, body: object): Promise<void> {
  for (;;) {
    const answer = await call(method, path, body);
    if (answer?.status === 200 || (answer === null && stop.signal.aborted)) return;
    if (answer !== null) console.error(`${id}: ${method} ${path} was answered ${answer.status}`, answer.body);
    await pause(retryMs);
  }
}

/** Null when the engine is away. */
async function call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown } | null> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: { "x-worker-token": token ?? "", ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      ...(method === "GET" && { signal: stop.signal }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  } catch {
    return null;
  }
}

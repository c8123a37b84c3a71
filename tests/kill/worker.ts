// A worker's process: it registers, polls, works and reports, and sends each result until it is acknowledged.
import { Random } from "../simulate/random.ts";
import { taskTypes } from "./choices.ts";
import { HttpCaller, pause } from "./http-caller.ts";
import { Journal } from "./journal.ts";
import { hearOrders, readSetup } from "./messages.ts";

interface Task {
  job_id: string;
  task_id: string;
  type: string;
  params: { fan: string };
}
interface Result {
  status: string;
  data?: { nonce: string; fan: string };
  error?: { code: string; message: string };
}
interface Report {
  job_id: string;
  task_id: string;
  worker_id: string;
  result: Result;
  nonce: string;
}

const { folder, seed, number, workerToken, load, url } = readSetup();
const id = `worker-${number}`;
const http = new HttpCaller({ "x-worker-token": workerToken }, load.patienceMs);
const journal = new Journal(folder, id);
http.url = url ?? null;
const random = new Random(seed * 104729 + number);
const limit = 40;
/** What runs; a task that was begun before the worker forgot everything is dropped. */
const running = new Map<string, number>();
const told = new Set<string>();
const answers = new Map<string, string>();
let reports: Report[] = [];
let life = 1;
let calm = false;

hearOrders((order) => {
  if (order.kind === "url") http.url = order.url;
  if (order.kind === "calm") calm = true;
  if (order.kind === "end") process.exit(0);
});

await register();
void beat();
void reportAll();
for (;;) {
  const room = limit - running.size;
  if (room < 1) {
    await pause(20);
    continue;
  }
  const answer = await http.attempt("GET", `/_worker/workers/${id}/tasks/next?limit=${room}`);
  if (answer === null || (answer.status !== 200 && answer.status !== 204)) await pause(40);
  else for (const task of (answer.body?.tasks ?? []) as Task[]) void work(task);
}

/** The first worker can do everything, so that everything can be done. */
async function register(): Promise<void> {
  const types = number === 0 ? taskTypes : taskTypes.filter((_, index) => index % 3 !== number % 3);
  const body = {
    worker_id: id,
    supported_tasks: number < 2 ? [...types, "bulk"] : types,
    max_concurrent_tasks: limit,
    current_tasks: [...running.keys()],
    cost_per_second: number === 0 ? 1 : random.int(1, 6),
    resources: { cpu_cores: number === 0 ? 8 : random.int(1, 4) },
  };
  await http.insist("POST", "/_worker/workers/register", { body });
}

/** Now and then the worker forgets what it does and registers as a new process. */
async function beat(): Promise<void> {
  for (;;) {
    await pause(2000);
    const answer = await http.attempt("PATCH", `/_worker/workers/${id}`, { body: { load: running.size } });
    for (const taskId of (answer?.body?.cancel_task_ids ?? []) as string[]) told.add(taskId);
    if (calm || !random.chance(0.05)) continue;
    life += 1;
    running.clear();
    reports = [];
    journal.write({ kind: "saw", what: "worker began anew", count: 1 });
    await register();
  }
}

async function work(task: Task): Promise<void> {
  const own = life;
  if (running.get(task.task_id) === own) return;
  running.set(task.task_id, own);
  if (task.type !== "bulk") await pause(random.int(10, 500));
  if (own !== life) return;
  const nonce = random.uuid();
  journal.write({ kind: "executed", taskId: task.task_id, worker: id, nonce, fan: task.params.fan });
  const result = calm ? { status: "success", data: { nonce, fan: task.params.fan } } : draw(task, nonce);
  if (result === null) running.delete(task.task_id);
  else reports.push({ job_id: task.job_id, task_id: task.task_id, worker_id: id, result, nonce });
}

/** One batch at a time, each until it is answered. */
async function reportAll(): Promise<void> {
  for (;;) {
    await pause(15);
    const batch = reports.splice(0, 100);
    if (batch.length === 0) continue;
    const own = life;
    await send(batch, own);
    if (own !== life) continue;
    for (const { task_id: taskId } of batch) running.delete(taskId);
    // An impatient or confused worker sends its results again.
    if (random.chance(0.05)) await send(batch, own);
  }
}

/** What a worker of before sent may arrive, but nobody hears the answer. */
async function send(batch: readonly Report[], own: number): Promise<void> {
  const results = batch.map(({ nonce: _, ...report }) => report);
  const [first] = results;
  const answer =
    results.length === 1
      ? await http.insist("POST", "/_worker/tasks/result", { body: first })
      : await http.insist("POST", "/_worker/tasks/results", { body: { results } });
  if (own !== life) return;
  const verdicts = (results.length === 1 ? [answer.body] : answer.body.results) as {
    status: string;
    reason?: string;
  }[];
  if (answer.status !== 200) return wrong(`${id} was answered ${answer.status} to results`);
  for (const [index, { task_id: taskId, nonce, result }] of batch.entries()) {
    const { status, reason } = verdicts[index] as { status: string; reason?: string };
    if (status !== "ignored") journal.write({ kind: "accepted", taskId, worker: id, nonce, status: result.status });
    const former = answers.get(taskId);
    if (former !== undefined && former !== "ignored" && former !== status) {
      wrong(`${taskId} of ${id} was answered ${former} and then ${status} ${reason ?? ""}`);
    }
    answers.set(taskId, status);
  }
}

function draw(task: Task, nonce: string): Result | null {
  if (told.has(task.task_id) && random.chance(0.7)) return { status: "cancelled" };
  const data = { nonce, fan: task.params.fan };
  const draw = random.next();
  if (task.type === "bulk" && draw < 0.97) return { status: "success", data };
  if (draw < 0.76) return { status: "success", data };
  if (draw < 0.8) return { status: "needs_review", data };
  if (draw < 0.83) return { status: "cancelled" };
  if (draw < 0.845) return null;
  const code = random.pick([
    "TRANSIENT_ERROR",
    "TRANSIENT_ERROR",
    "PERMANENT_ERROR",
    "INVALID_INPUT_ERROR",
    "ODD_ERROR",
  ]);
  return { status: "failure", data, error: { code, message: "no luck" } };
}

function wrong(text: string): void {
  journal.write({ kind: "wrong", how: "doubled", text });
}

// Workers in a process of their own: they do nothing but take tasks and answer them.
import { Worker } from "@avtomatika/worker";
import { answer } from "./support/child.ts";
import { Connection } from "./support/connection.ts";
import { FetchConnection } from "./support/fetch-connection.ts";
import type { WorkerOptions } from "./support/workers.ts";

interface Task {
  job_id: string;
  task_id: string;
}

type AnyConnection = Connection | FetchConnection;

const connections: AnyConnection[] = [];
const sdkWorkers: Worker[] = [];
let usage = process.cpuUsage();
let tasks = 0;
let isStopping = false;

answer({ start, count: () => tasks, cpuMs, stop });

async function start(options: WorkerOptions): Promise<void> {
  if (options.means === "sdk") return startSdk(options);
  for (let n = 0; n < options.workers; n++) {
    const id = `worker-${n}`;
    const connection = open(options);
    const body = { worker_id: id, supported_tasks: ["work"], max_concurrent_tasks: options.limit === null ? 1 : 1000 };
    await connection.json("POST", "/_worker/workers/register", body);
    const take = options.limit === null ? single : batch;
    take(id, connection, options).catch((error: unknown) => {
      if (!isStopping) throw error;
    });
  }
}

/** Nothing is set but where the engine is and who they are. */
async function startSdk({ address, workers }: WorkerOptions): Promise<void> {
  for (let n = 0; n < workers; n++) {
    const worker = new Worker({ orchestratorUrl: address, token: "bench-worker", workerId: `worker-${n}` });
    worker.task("work", () => {
      tasks += 1;
      return { done: true };
    });
    sdkWorkers.push(worker);
  }
  await Promise.all(sdkWorkers.map((worker) => worker.start()));
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage(usage);
  usage = process.cpuUsage();
  return (user + system) / 1000;
}

function open(options: WorkerOptions): AnyConnection {
  const Kind = options.means === "fetch" ? FetchConnection : Connection;
  const connection = new Kind(options.address, { "x-worker-token": "bench-worker" });
  connections.push(connection);
  return connection;
}

/** A task a poll, a request a result. */
async function single(id: string, connection: AnyConnection): Promise<void> {
  while (!isStopping) {
    const { status, body } = await connection.send("GET", `/_worker/workers/${id}/tasks/next`);
    if (status !== 200) continue;
    const task = JSON.parse(body) as Task;
    await connection.json("POST", "/_worker/tasks/result", resultOf(task, id));
    tasks += 1;
  }
}

/** Many tasks a poll; their results travel together, beside the next poll or before it. */
async function batch(id: string, connection: AnyConnection, options: WorkerOptions): Promise<void> {
  const results = open(options);
  let sent: Promise<unknown> = Promise.resolve();
  while (!isStopping) {
    const { status, body } = await connection.send("GET", `/_worker/workers/${id}/tasks/next?limit=${options.limit}`);
    if (status !== 200) continue;
    const taken = (JSON.parse(body) as { tasks: Task[] }).tasks;
    await sent;
    sent = results.json("POST", "/_worker/tasks/results", { results: taken.map((task) => resultOf(task, id)) });
    sent.then(
      () => {
        tasks += taken.length;
      },
      () => {},
    );
    if (options.inTurn) await sent;
  }
}

function resultOf({ job_id, task_id }: Task, worker: string) {
  return { job_id, task_id, worker_id: worker, result: { status: "success", data: { done: true } } };
}

async function stop(): Promise<void> {
  isStopping = true;
  await Promise.all(sdkWorkers.map((worker) => worker.stop()));
  for (const connection of connections) connection.close();
}

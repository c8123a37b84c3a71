// Workers in a process of their own: they do nothing but take tasks and answer them.
import { answer } from "./support/child.ts";
import { Connection } from "./support/connection.ts";
import type { WorkerOptions } from "./support/workers.ts";

interface Task {
  job_id: string;
  task_id: string;
}

const connections: Connection[] = [];
let tasks = 0;
let isStopping = false;

answer({ start, count: () => tasks, stop });

async function start(options: WorkerOptions): Promise<void> {
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

function open(options: WorkerOptions): Connection {
  const connection = new Connection(options.address, { "x-worker-token": "bench-worker" });
  connections.push(connection);
  return connection;
}

/** A task a poll, a request a result. */
async function single(id: string, connection: Connection): Promise<void> {
  while (!isStopping) {
    const { status, body } = await connection.send("GET", `/_worker/workers/${id}/tasks/next`);
    if (status !== 200) continue;
    const task = JSON.parse(body) as Task;
    await connection.json("POST", "/_worker/tasks/result", resultOf(task, id));
    tasks += 1;
  }
}

/** Many tasks a poll; their results travel together, beside the next poll or before it. */
async function batch(id: string, connection: Connection, options: WorkerOptions): Promise<void> {
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

function stop(): void {
  isStopping = true;
  for (const connection of connections) connection.close();
}

// Workers of several servers at once: each polls for 30 s at a time, answers a task if there is one, and says every 15 s
// that it lives.
import { answer } from "./support/child.ts";
import { Connection } from "./support/connection.ts";
import type { Asked, CrowdOptions } from "./support/crowd.ts";

const heartbeatMs = 15_000;
/** So many heartbeats share a connection: workers' own are idle nearly always. */
const perConnection = 10;
/** So many register at a time. */
const atOnce = 20;

const crowds: Asked[] = [];
const connections: Connection[] = [];
let isStopping = false;

answer({ start, reset, asked: () => crowds, stop });

async function start({ addresses, workers, record = {} }: CrowdOptions): Promise<void> {
  for (const address of addresses) {
    const crowd: Asked = { polls: 0, tasks: 0, heartbeats: 0, errors: 0 };
    crowds.push(crowd);
    const begin = async (n: number, shared: Connection): Promise<void> => {
      const id = `crowd-${n}`;
      const body = { worker_id: id, supported_tasks: ["work"], max_concurrent_tasks: 4, ...record };
      await shared.json("POST", "/_worker/workers/register", body);
      // The first heartbeat says something new, the later ones nothing.
      await beat(id, shared, crowd);
      keepPolling(id, open(address), crowd);
      // Spread over the time, as workers are that were not started at one instant.
      setTimeout(() => keepBeating(id, shared, crowd), (heartbeatMs * n) / workers);
    };
    const shared = Array.from({ length: Math.ceil(workers / perConnection) }, () => open(address));
    for (let n = 0; n < workers; n += atOnce) {
      const some = Array.from({ length: Math.min(atOnce, workers - n) }, (_, at) => n + at);
      await Promise.all(some.map((one) => begin(one, shared[Math.floor(one / perConnection)] as Connection)));
    }
  }
}

function open(address: string): Connection {
  const connection = new Connection(address, { "x-worker-token": "bench-worker" });
  connections.push(connection);
  return connection;
}

function keepPolling(id: string, connection: Connection, crowd: Asked): void {
  connection
    .send("GET", `/_worker/workers/${id}/tasks/next`)
    .then(async ({ status, body }) => {
      if (status === 204) crowd.polls += 1;
      else if (status === 200) await finish(id, connection, JSON.parse(body) as Task, crowd);
      else crowd.errors += 1;
      if (!isStopping) keepPolling(id, connection, crowd);
    })
    .catch(() => {
      if (!isStopping) crowd.errors += 1;
    });
}

interface Task {
  job_id: string;
  task_id: string;
}

async function finish(id: string, connection: Connection, { job_id, task_id }: Task, crowd: Asked): Promise<void> {
  const result = { status: "success", data: {} };
  await connection.json("POST", "/_worker/tasks/result", { job_id, task_id, worker_id: id, result });
  crowd.tasks += 1;
}

function keepBeating(id: string, connection: Connection, crowd: Asked): void {
  setInterval(() => void beat(id, connection, crowd), heartbeatMs);
}

function beat(id: string, connection: Connection, crowd: Asked): Promise<void> {
  return connection.send("PATCH", `/_worker/workers/${id}`, { worker_id: id, status: "idle", load: 0 }).then(
    ({ status }) => {
      if (status === 200) crowd.heartbeats += 1;
      else crowd.errors += 1;
    },
    () => {
      if (!isStopping) crowd.errors += 1;
    },
  );
}

function reset(): void {
  for (const crowd of crowds) Object.assign(crowd, { polls: 0, tasks: 0, heartbeats: 0, errors: 0 });
}

function stop(): void {
  isStopping = true;
  for (const connection of connections) connection.close();
}

// Workers without work, of several servers at once: each polls for 30 s at a time and says every 15 s that it lives.
import { answer } from "./support/child.ts";
import { Connection } from "./support/connection.ts";
import type { Asked, CrowdOptions } from "./support/crowd.ts";

const heartbeatMs = 15_000;
/** So many heartbeats share a connection: workers' own are idle nearly always. */
const perConnection = 10;

const crowds: Asked[] = [];
const connections: Connection[] = [];
let isStopping = false;

answer({ start, reset, asked: () => crowds, stop });

async function start({ addresses, workers }: CrowdOptions): Promise<void> {
  for (const address of addresses) {
    const crowd: Asked = { polls: 0, heartbeats: 0, errors: 0 };
    crowds.push(crowd);
    let shared = open(address);
    for (let n = 0; n < workers; n++) {
      if (n % perConnection === 0) shared = open(address);
      const id = `idle-${n}`;
      const body = { worker_id: id, supported_tasks: ["work"], max_concurrent_tasks: 4 };
      await shared.json("POST", "/_worker/workers/register", body);
      // The first heartbeat says something new, the later ones nothing.
      await beat(id, shared, crowd);
      keepPolling(id, open(address), crowd);
      // Spread over the time, as workers are that were not started at one instant.
      const spread = shared;
      setTimeout(() => keepBeating(id, spread, crowd), (heartbeatMs * n) / workers);
    }
  }
}

function open(address: string): Connection {
  const connection = new Connection(address, { "x-worker-token": "bench-worker" });
  connections.push(connection);
  return connection;
}

function keepPolling(id: string, connection: Connection, crowd: Asked): void {
  connection.send("GET", `/_worker/workers/${id}/tasks/next`).then(
    ({ status }) => {
      if (status === 204) crowd.polls += 1;
      else crowd.errors += 1;
      if (!isStopping) keepPolling(id, connection, crowd);
    },
    () => {
      if (!isStopping) crowd.errors += 1;
    },
  );
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
  for (const crowd of crowds) Object.assign(crowd, { polls: 0, heartbeats: 0, errors: 0 });
}

function stop(): void {
  isStopping = true;
  for (const connection of connections) connection.close();
}

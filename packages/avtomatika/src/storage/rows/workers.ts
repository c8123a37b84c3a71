import type { JoinRecord } from "#core/join";
import { type TaskRecord, taskId } from "#core/task";
import type { EngineBell } from "#storage/bell";
import type { Call } from "#storage/rows/call";
import { giveBack } from "#storage/rows/settle-tasks";
import { withdraw } from "#storage/rows/task-state";
import type { WorkerRow, WorkerSign, WorkerWrite } from "#storage/storage";

const dayMs = 86_400_000;
/** So many leases one call gives back: a worker may hold thousands. */
const mostReleased = 200;

/** See `Storage.putWorkers`. */
export function putWorkers(call: Call, input: { workers: WorkerWrite[] }): { version: number; conflicts: WorkerRow[] } {
  let version = 0;
  const conflicts: WorkerRow[] = [];
  for (const { id, record, base, seenAt, expiresAt } of input.workers) {
    const known = call.rows.worker(id);
    const kept = record ?? known?.record ?? null;
    if (kept === null) continue;
    if (record !== null && base !== undefined && base !== (known?.version ?? 0)) {
      conflicts.push(rowOf(known ?? { id, record: null, seenAt: 0, version: 0 }));
      continue;
    }
    const seen = Math.max(seenAt, known?.seenAt ?? 0);
    if (record !== null) version = call.rows.next("worker");
    const own = record === null ? (known?.version ?? 0) : version;
    call.rows.putWorker({ id, record: kept, seenAt: seen, expiresAt, version: own });
  }
  if (version > 0) call.bells.push({ kind: "workers", version });
  return { version, conflicts };
}

function rowOf({ id, record, seenAt, version }: WorkerRow): WorkerRow {
  return { id, record, seenAt, version };
}

/** See `Storage.listWorkers`. */
export function listWorkers(call: Call, input: { since: number }): { workers: WorkerRow[]; version: number } {
  const workers = call.rows.workersSince(input.since);
  return {
    workers: workers.map(rowOf),
    version: workers.reduce((highest, worker) => Math.max(highest, worker.version), input.since),
  };
}

/** See `Storage.listSigns`. */
export function listSigns(call: Call, input: { after: number }): { signs: WorkerSign[] } {
  return { signs: call.rows.workersBeyond(input.after).map(({ id, seenAt }) => ({ id, seenAt })) };
}

/** See `Storage.tell`. */
export function tell(call: Call, input: { bell: EngineBell }): object {
  call.bells.push(input.bell);
  return {};
}

/** See `Storage.releaseLeases`: as many as one call may touch, and whether there are more. */
export function releaseLeases(
  call: Call,
  input: { worker: string; keep: string[] },
): { released: string[]; more: boolean } {
  const keep = new Set(input.keep);
  const unnamed = call.rows.heldTasks(input.worker).filter((address) => !keep.has(taskId(address)));
  const addresses = unnamed.slice(0, mostReleased);
  for (const { jobId, wait, index } of addresses) {
    const task = call.rows.task(jobId, wait, index) as TaskRecord;
    if ((call.rows.join(jobId, wait) as JoinRecord).state === "open") giveBack(call, task);
    else withdraw(call, task);
  }
  return { released: addresses.map(taskId), more: unnamed.length > addresses.length };
}

/** See `Storage.listRevoked`. */
export function listRevoked(call: Call): { tasks: { worker: string; taskId: string }[] } {
  return { tasks: call.rows.revokedTasks().map((task) => ({ worker: task.worker, taskId: taskId(task) })) };
}

/** See `Storage.readStandings`. */
export function readStandings(call: Call): { standings: { worker: string; attempts: number; successes: number }[] } {
  return { standings: call.rows.standings(Math.floor(call.now / dayMs) - 29) };
}

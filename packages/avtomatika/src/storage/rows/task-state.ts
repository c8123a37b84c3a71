import type { JobRecord } from "#core/job";
import type { TaskItem, TaskRecord } from "#core/task";
import { taskFormat } from "#core/task";
import { type Call, wake } from "#storage/rows/call";
import { pull, push } from "#storage/rows/queue";

/** Writes a changed task: every change counts. */
export function putTask(call: Call, task: TaskRecord): void {
  task.rev += 1;
  call.rows.putTask(task);
  wake(call, task.due);
}

/** A task's first attempt, not queued yet. */
export function newTask(
  jobId: string,
  wait: number,
  item: TaskItem,
  lane: string,
  score: number,
  now: number,
): TaskRecord {
  return {
    format: taskFormat,
    jobId,
    wait,
    index: item.index,
    attempt: 1,
    lane,
    score,
    state: "queued",
    rev: 0,
    due: null,
    worker: null,
    claim: null,
    unconfirmed: 0,
    deadline: null,
    queuedAt: now,
    leasedAt: null,
    past: [],
    item,
  };
}

/** Queues an attempt in its lane, at the place the task has had from the beginning. */
export function queueTask(call: Call, task: TaskRecord): void {
  task.state = "queued";
  task.claim = null;
  task.deadline = null;
  task.queuedAt = call.now;
  task.due = earliest(
    task.item.dispatchTimeoutMs === null ? null : call.now + task.item.dispatchTimeoutMs,
    task.item.resultDue,
  );
  putTask(call, task);
  push(call, entryOf(task));
}

/** The place of a task in its lane. */
function entryOf(task: TaskRecord) {
  return { lane: task.lane, score: task.score, jobId: task.jobId, wait: task.wait, ref: task.index };
}

/** No attempt may follow: the result timeout is over, and an engine has to say so. */
export function isOverdue(call: Call, task: TaskRecord): boolean {
  return task.item.resultDue !== null && task.item.resultDue <= call.now;
}

/** A single task's state is its job's status. */
export function setSingleStatus(call: Call, task: TaskRecord, status: "waiting_for_worker" | "awaiting_retry"): void {
  const job = call.rows.job(task.jobId) as JobRecord;
  if (job.wait !== task.wait || !call.rows.join(task.jobId, task.wait)?.single) return;
  job.status = status;
  job.updatedAt = call.now;
  call.rows.putJob(job);
}

/** Takes a task away, out of its lane too. */
export function removeTask(call: Call, task: TaskRecord): void {
  if (task.state === "queued") pull(call, entryOf(task));
  call.rows.removeTask(task);
  if (task.worker !== null && task.state !== "queued" && task.state !== "delayed") freed(call, task.worker);
}

/** Ends a task of a closed join. What its attempts were answered stays: their results may be sent again. */
export function withdraw(call: Call, task: TaskRecord): void {
  removeTask(call, task);
  if (task.past.length === 0) return;
  task.state = "withdrawn";
  task.worker = null;
  task.claim = null;
  task.due = null;
  task.deadline = null;
  putTask(call, task);
}

/** A lease of a worker ended: if it had been told that it is full, somebody should ask again for it. */
export function freed(call: Call, worker: string): void {
  if (call.full.delete(worker)) call.bells.push({ kind: "freed", worker });
}

/** The lower of two times, null being never. */
export function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

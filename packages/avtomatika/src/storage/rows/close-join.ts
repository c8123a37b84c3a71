import type { JoinRecord } from "#core/join";
import { type TaskRecord, taskId } from "#core/task";
import { type Call, wake } from "#storage/rows/call";
import { pull } from "#storage/rows/queue";
import type { ClosingRow } from "#storage/rows/rows";
import { putTask, withdraw } from "#storage/rows/task-state";

/**
 * So many tasks are taken back from joins in the call that closes them, and by each claim of jobs: a join may have a
 * hundred thousand out with workers, and no call may hold the store for all of them.
 */
export const mostClosed = 200;

/**
 * Closes a join: what is queued goes, what is out is revoked and has the join's grace to answer. Tasks beyond the
 * call's share stand as they are until a claim comes to them; whoever meets one before goes by `closedTask`.
 */
export function closeJoin(call: Call, jobId: string, wait: number, state: "fired" | "closed"): void {
  const join = call.rows.join(jobId, wait);
  if (join === undefined || join.state !== "open") return;
  const closed = { ...join, state };
  call.rows.putJoin(closed);
  for (const range of call.rows.rangesOf(jobId, wait)) {
    pull(call, { lane: range.lane, score: range.score, jobId, wait, ref: -1 - range.group });
    call.rows.removeRange(range);
  }
  const { count, isThrough } = takeBack(call, closed, { jobId, wait, at: call.now, next: 0 }, call.closes);
  call.closes -= count;
  if (!isThrough) wake(call, call.now);
}

/** Takes back up to `limit` tasks of joins that were closed before, the oldest first; answers how many. */
export function goOnClosing(call: Call, limit: number): number {
  let left = limit;
  while (left > 0) {
    const closing = call.rows.firstClosing();
    if (closing === undefined) break;
    // One that has nothing left counts as well.
    left -= Math.max(1, takeBack(call, joinOf(call, closing), closing, left).count);
  }
  return limit - left;
}

/** The next `limit` tasks of a closed join; what is left then is remembered. */
function takeBack(
  call: Call,
  join: JoinRecord,
  closing: ClosingRow,
  limit: number,
): { count: number; isThrough: boolean } {
  const { jobId, wait, next } = closing;
  const found = call.rows.tasksOfJoin(jobId, wait, next, limit + 1);
  const page = found.slice(0, limit);
  for (const task of page) closeTask(call, task, join, closing.at);
  const rest = found[limit];
  if (rest === undefined) call.rows.removeClosing(closing);
  else call.rows.putClosing({ ...closing, next: rest.index });
  return { count: page.length, isThrough: rest === undefined };
}

/** True for a task that its join's closing has still to come to. */
export function isLeftOver(task: TaskRecord, join: JoinRecord): boolean {
  return join.state !== "open" && task.state !== "revoked" && task.state !== "withdrawn";
}

/** Takes back one task of a closed join out of turn. */
export function closeLeftOver(call: Call, task: TaskRecord, join: JoinRecord): void {
  closeTask(call, task, join, closedAt(call, join));
}

/** A task as it is once its join's closing has come to it; undefined where nothing is left of it. */
export function closedTask(call: Call, task: TaskRecord, join: JoinRecord): TaskRecord | undefined {
  if (!isLeftOver(task, join)) return task;
  const rev = task.rev + 1;
  if (isOut(task)) return { ...task, state: "revoked", due: closedAt(call, join) + join.graceMs, rev };
  if (task.past.length === 0) return undefined;
  return { ...task, state: "withdrawn", worker: null, claim: null, due: null, deadline: null, rev };
}

function closeTask(call: Call, task: TaskRecord, join: JoinRecord, at: number): void {
  if (!isLeftOver(task, join)) return;
  if (!isOut(task)) return withdraw(call, task);
  const worker = task.worker as string;
  putTask(call, { ...task, state: "revoked", due: at + join.graceMs });
  call.revoked.set(worker, [...(call.revoked.get(worker) ?? []), taskId(task)]);
}

function isOut(task: TaskRecord): boolean {
  return task.state === "offered" || task.state === "leased";
}

/** When a join was closed that has tasks left over. */
function closedAt(call: Call, { jobId, wait }: JoinRecord): number {
  return (call.rows.closing(jobId, wait) as ClosingRow).at;
}

function joinOf(call: Call, { jobId, wait }: ClosingRow): JoinRecord {
  return call.rows.join(jobId, wait) as JoinRecord;
}

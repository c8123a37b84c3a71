import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { TaskItem, TaskRecord } from "#core/task";
import type { Call } from "#storage/rows/call";
import { closeLeftOver, isLeftOver } from "#storage/rows/close-join";
import { findLane } from "#storage/rows/find-lane";
import { pull } from "#storage/rows/queue";
import type { RangeRow } from "#storage/rows/rows";
import { isOverdue, newTask, putTask, queueTask, setSingleStatus } from "#storage/rows/task-state";
import type { TaskDetails } from "#storage/storage";

/** Queues attempts whose pause is over, at most 100 a call. */
export function promoteDelayed(call: Call): void {
  for (const task of call.rows.dueTasks(call.now, 100, true)) {
    if (!isOpen(call, task) || isOverdue(call, task)) continue;
    queueTask(call, task);
    setSingleStatus(call, task, "waiting_for_worker");
  }
}

/** False for one that was left over when its join was closed: nothing is to be done but to take it back. */
function isOpen(call: Call, task: TaskRecord): boolean {
  const join = call.rows.join(task.jobId, task.wait) as JoinRecord;
  if (!isLeftOver(task, join)) return true;
  closeLeftOver(call, task, join);
  return false;
}

/**
 * Tasks whose time is over, out of the way of other engines for `takeMs`: the caller judges them and settles.
 * If it dies they come again.
 */
export function takeDueTasks(call: Call, limit: number, takeMs: number): TaskDetails[] {
  const paused = call.rows.dueTasks(call.now, limit, true).filter((task) => isOverdue(call, task));
  const due = [...paused, ...call.rows.dueTasks(call.now, limit, false)].slice(0, limit);
  const taken = due.filter((task) => isOpen(call, task));
  for (const range of call.rows.dueRanges(call.now, limit)) {
    while (taken.length < limit && range.next < range.end) taken.push(drawBranch(call, range));
  }
  return taken.map((task) => {
    task.due = call.now + takeMs;
    putTask(call, task);
    return taskDetails(call, task);
  });
}

/** A branch that comes back stands before the rest of its range. */
function branchScore(range: RangeRow): number {
  return range.score - 1;
}

/** Takes the next branch out of its range, as a task of its own that stands in no lane. */
export function drawBranch(call: Call, range: RangeRow): TaskRecord {
  const { jobId, wait, group } = range;
  const item = call.rows.item(jobId, wait, group, range.next) as TaskItem;
  const task = newTask(jobId, wait, item, range.lane, branchScore(range), range.queuedAt);
  range.next += 1;
  if (range.next < range.end) {
    call.rows.putRange(range);
  } else {
    call.rows.removeRange(range);
    pull(call, { lane: range.lane, score: range.score, jobId, wait, ref: -1 - group });
  }
  return task;
}

/** A task with what its judge needs. */
function taskDetails(call: Call, task: TaskRecord): TaskDetails {
  const job = call.rows.job(task.jobId) as JobRecord;
  const join = call.rows.join(task.jobId, task.wait) as JoinRecord;
  return {
    task,
    result: null,
    lane: findLane(call, task.lane),
    join,
    job: { status: job.status, cancelled: job.cancel !== null, ended: job.endedAt !== null },
  };
}

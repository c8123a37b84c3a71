import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { PastAttempt, TaskRecord, TaskResult } from "#core/task";
import type { Call } from "#storage/rows/call";
import { closedTask } from "#storage/rows/close-join";
import type { IgnoredReason, Settled, Settlement } from "#storage/storage";

/** An open attempt that the settlement may change. */
export interface Judged {
  outcome: "open";
  job: JobRecord;
  join: JoinRecord;
  task: TaskRecord;
}
/** The verdict on a settlement that changes no job; `revoked` is a lease that its worker has answered now. */
export interface Refused {
  outcome: "refused";
  settled: Settled;
  revoked: TaskRecord | null;
}

/**
 * Holds a settlement against the open attempt. The order of the reasons is part of the wire protocol: not_found,
 * mismatch, cancelled, late, stale; before them, a result that was applied gets its old answer.
 */
export function judge(call: Call, settlement: Settlement): Judged | Refused {
  const { jobId, wait, index, attempt } = settlement.address;
  const job = call.rows.job(jobId);
  const join = call.rows.join(jobId, wait);
  if (job === undefined || join === undefined || index >= join.total) return ignored("not_found");
  const stored = call.rows.task(jobId, wait, index);
  const task = stored === undefined ? undefined : closedTask(call, stored, join);
  // An open task has no result yet.
  const result = stored === undefined ? call.rows.result(jobId, wait, index) : undefined;
  // A withdrawn task leaves nothing: any attempt of it may have been the last.
  const current = task?.attempt ?? result?.end.attempt ?? (join.state === "open" ? 1 : Math.max(attempt, 1));
  if (attempt > current || attempt < 1) return ignored("not_found");

  if (settlement.worker === null) {
    const seen = task !== undefined && task.rev === settlement.rev && mayJudge(settlement, join);
    return seen ? { outcome: "open", job, join, task } : ignored("stale");
  }
  const past = pastAnswer(task?.past ?? result?.past ?? [], settlement);
  if (past !== undefined)
    return {
      outcome: "refused",
      settled: { outcome: "applied", answer: past.answer, single: join.single },
      revoked: null,
    };
  if (attempt === current && heldByAnother(settlement.worker, task, result)) return ignored("mismatch");
  if (attempt === current && result === undefined && join.state !== "open") return cancelled(settlement, join, task);
  if (attempt === current && task !== undefined && mayEnd(settlement.worker, task)) {
    return { outcome: "open", job, join, task };
  }
  return ignored(job.endedAt !== null && job.status !== "cancelled" ? "late" : "stale");
}

/** What was cancelled can't be ended, retried or handed out again. */
function mayJudge({ verdict }: Settlement, join: JoinRecord): boolean {
  return join.state === "open" || verdict.kind === "drop" || verdict.kind === "extend";
}

function ignored(reason: IgnoredReason, revoked: TaskRecord | null = null): Refused {
  return { outcome: "refused", settled: { outcome: "ignored", reason }, revoked };
}

/** The worker's answer to a cancel, whatever it is, ends its lease. */
function cancelled(settlement: Settlement, join: JoinRecord, task: TaskRecord | undefined): Refused {
  const revoked = task?.state === "revoked" ? task : null;
  if (!settlement.cancelled) return ignored("cancelled", revoked);
  return { outcome: "refused", settled: { outcome: "applied", answer: "cancelled", single: join.single }, revoked };
}

function pastAnswer(past: readonly PastAttempt[], settlement: Settlement): PastAttempt | undefined {
  const { attempt } = settlement.address;
  return past.find((one) => one.attempt === attempt && (settlement.worker === "*" || one.worker === settlement.worker));
}

function heldByAnother(worker: string, task: TaskRecord | undefined, result: TaskResult | undefined): boolean {
  if (worker === "*") return false;
  if (task !== undefined) return isOut(task) && task.worker !== worker;
  return result !== undefined && result.end.workerId !== null && result.end.workerId !== worker;
}

function isOut(task: TaskRecord): boolean {
  return task.state === "offered" || task.state === "leased" || task.state === "revoked";
}

/** Its holder, or the last one while the attempt is queued again. */
function mayEnd(worker: string, task: TaskRecord): boolean {
  if (isOut(task)) return true;
  return task.state === "queued" && task.worker !== null && (worker === "*" || task.worker === worker);
}

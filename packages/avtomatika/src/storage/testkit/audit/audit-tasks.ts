import type { TaskRecord } from "#core/task";
import type { JoinBook, Ledger } from "#storage/testkit/audit/ledger";

/**
 * Each task belongs to an open join, or is revoked or withdrawn, or its join's closing has still to come to it; it
 * stands in its lane if and only if it is queued.
 */
export function auditTasks(ledger: Ledger): void {
  for (const task of ledger.rows.tasks) {
    const book = ledger.join(task);
    if (book === undefined) {
      ledger.report(task.jobId, `has ${named(task)} without a join`);
      continue;
    }
    if (task.index >= book.join.total) ledger.report(task.jobId, `has ${named(task)} outside of its join`);
    const isClosed = task.state === "revoked" || task.state === "withdrawn";
    const isLeftOver = !isClosed && task.index >= (ledger.closing(task)?.next ?? Number.POSITIVE_INFINITY);
    if (isClosed === (book.join.state === "open") && !isLeftOver) {
      ledger.report(task.jobId, `has ${named(task)} ${task.state} in a join that is ${book.join.state}`);
    }
    auditHolder(ledger, task);
    auditPlace(ledger, task, book);
  }
}

function auditHolder(ledger: Ledger, task: TaskRecord): void {
  const isOut = task.state === "offered" || task.state === "leased" || task.state === "revoked";
  if (isOut && (task.worker === null || task.claim === null)) {
    ledger.report(task.jobId, `has ${named(task)} ${task.state}, but nobody holds it`);
  }
  if (!isOut && task.claim !== null) ledger.report(task.jobId, `has ${named(task)} ${task.state}, but still claimed`);
  if (task.state === "withdrawn" && (task.due !== null || task.worker !== null || task.past.length === 0)) {
    ledger.report(task.jobId, `has ${named(task)} withdrawn, but not at rest`);
  }
  if (task.state !== "queued" && task.state !== "withdrawn" && task.due === null) {
    ledger.report(task.jobId, `has ${named(task)} ${task.state}, and no engine will look at it`);
  }
}

function auditPlace(ledger: Ledger, task: TaskRecord, { join }: JoinBook): void {
  const entry = ledger.entry(task.jobId, task.wait, task.index);
  if (task.state !== "queued") {
    if (entry !== undefined) ledger.report(task.jobId, `has ${named(task)} ${task.state}, but it stands in a lane`);
    return;
  }
  if (entry === undefined) {
    // A branch that was drawn because its time is over stands in no lane: it is about to be withdrawn.
    const isOverdue = !join.single && task.attempt === 1 && task.worker === null && task.due !== null;
    if (!isOverdue) ledger.report(task.jobId, `has ${named(task)} queued, but it stands in no lane`);
  } else if (entry.lane !== task.lane || entry.score !== task.score) {
    ledger.report(task.jobId, `has ${named(task)} in the wrong place of a lane`);
  }
}

function named({ wait, index }: TaskRecord): string {
  return `the task ${wait}/${index}`;
}

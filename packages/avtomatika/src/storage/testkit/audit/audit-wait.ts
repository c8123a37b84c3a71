import type { JobRecord, Waiting } from "#core/job";
import type { JobStatus } from "#core/status";
import type { Ledger } from "#storage/testkit/audit/ledger";

const statuses: { [Kind in Waiting["kind"]]?: JobStatus } = {
  branches: "waiting_for_parallel_tasks",
  child: "waiting_for_sub_job",
  human: "waiting_for_human",
  timer: "sleeping",
  retry: "awaiting_retry",
};

/** A wait has a reason that a person can read, and something that closes it. */
export function auditWait(ledger: Ledger, job: JobRecord, wait: number): void {
  const { waiting } = job.head;
  if (waiting === null) return ledger.report(job.id, `waits (${wait}) without a reason`);
  if (job.head.waits !== wait) ledger.report(job.id, `waits with ${wait}, but its last wait is ${job.head.waits}`);
  const status = statuses[waiting.kind];
  if (status !== undefined && job.status !== status) {
    ledger.report(job.id, `waits with kind ${waiting.kind}, but its status is ${job.status}`);
  }
  if (waiting.kind === "worker" || waiting.kind === "branches") return auditTasksOf(ledger, job, wait, waiting.kind);
  if (waiting.kind === "child") return auditChildOf(ledger, job, waiting.jobId);
  if (waiting.kind === "human") {
    if (waiting.token === "") ledger.report(job.id, "waits for a person, but nobody has a token");
    if (waiting.until !== null && job.due === null)
      ledger.report(job.id, "waits for a person until a time, but has no timer");
    return;
  }
  if (waiting.kind === "operator") return ledger.report(job.id, "waits for an operator, but isn't quarantined");
  if (job.due === null) ledger.report(job.id, `waits with kind ${waiting.kind}, but has no timer`);
}

function auditTasksOf(ledger: Ledger, job: JobRecord, wait: number, kind: "worker" | "branches"): void {
  const book = ledger.join({ jobId: job.id, wait });
  if (book === undefined) return ledger.report(job.id, `waits for the join ${wait}, which isn't there`);
  if (book.join.state !== "open") ledger.report(job.id, `waits for the join ${wait}, which is ${book.join.state}`);
  if (book.join.single !== (kind === "worker"))
    ledger.report(job.id, `waits with kind ${kind} for a join of the other kind`);
  if (kind !== "worker") return;
  const isDelayed = book.tasks[0]?.state === "delayed";
  const expected = isDelayed ? "awaiting_retry" : "waiting_for_worker";
  if (job.status !== expected) ledger.report(job.id, `has the status ${job.status}, but its task says ${expected}`);
}

function auditChildOf(ledger: Ledger, job: JobRecord, childId: string): void {
  const child = ledger.jobs.get(childId);
  if (child === undefined) return ledger.report(job.id, `waits for the child ${childId}, which isn't there`);
  if (child.endedAt !== null) ledger.report(job.id, `waits for the child ${childId}, which has ended`);
  if (child.head.parentTold) ledger.report(job.id, `waits for the child ${childId}, which has told it already`);
}

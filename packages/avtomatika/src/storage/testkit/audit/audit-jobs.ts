import type { JobRecord } from "#core/job";
import { shardOf } from "#core/job-id";
import { hasEnded, type JobStatus } from "#core/status";
import { auditWait } from "#storage/testkit/audit/audit-wait";
import type { Ledger } from "#storage/testkit/audit/ledger";

const idle: ReadonlySet<JobStatus> = new Set(["pending", "running"]);

/** Each job that has not ended has exactly one owner; what has ended has none. */
export function auditJobs(ledger: Ledger, shard: number, shards: number): void {
  for (const job of ledger.rows.jobs) {
    if (shardOf(job.id, shards) !== shard) ledger.report(job.id, `lies in shard ${shard}, which isn't its own`);
    if (hasEnded(job.status) !== (job.endedAt !== null)) {
      ledger.report(job.id, `has the status ${job.status}, but endedAt ${job.endedAt}`);
    }
    if (job.event !== null && job.wait !== null) ledger.report(job.id, "waits although a message is unread");
    if (job.lease !== null && job.runs < 1) ledger.report(job.id, "is leased, but no run is counted");
    if (job.endedAt === null) auditLiving(ledger, job);
    else auditEnded(ledger, job);
    auditFamily(ledger, job);
  }
}

function auditLiving(ledger: Ledger, job: JobRecord): void {
  const owners = ownersOf(job);
  if (owners !== 1) ledger.report(job.id, `has ${owners} owners: ${named(job)}`);
  if (job.wait !== null) auditWait(ledger, job, job.wait);
  else if (!idle.has(job.status)) ledger.report(job.id, `doesn't wait, but its status is ${job.status}`);
  if (job.cancel !== null && job.wait !== null) ledger.report(job.id, "is cancelled, but waits");
  if (job.ready !== null && job.due !== null) ledger.report(job.id, "is ready, but has a timer");
}

/** An ended job owns nothing; one in quarantine waits for an operator, or carries out what he said. */
function auditEnded(ledger: Ledger, job: JobRecord): void {
  const owners = ownersOf(job);
  const isKept = job.status === "quarantined" && job.head.discardedAt === null;
  if (isKept && owners !== 1) ledger.report(job.id, `is quarantined and has ${owners} owners: ${named(job)}`);
  if (!isKept && owners > 0) ledger.report(job.id, `has ended, but is owned: ${named(job)}`);
  if (job.wait !== null && job.head.waiting?.kind !== "operator") {
    ledger.report(job.id, `has ended, but waits with kind ${job.head.waiting?.kind}`);
  }
  const said = job.event?.kind;
  if ((job.ready !== null || job.lease !== null) && said !== "requeue" && said !== "discard") {
    ledger.report(job.id, "has ended, but may run without an operator's word");
  }
}

/** A child that has not told its parent yet has one that waits for it, or that was cancelled. */
function auditFamily(ledger: Ledger, job: JobRecord): void {
  if (job.parentId === null || job.endedAt !== null || job.cancel !== null || job.head.parentTold) return;
  const parent = ledger.jobs.get(job.parentId);
  if (parent === undefined) return ledger.report(job.id, `lives on without its parent ${job.parentId}`);
  if (parent.endedAt !== null) return ledger.report(job.id, `lives on after the end of its parent ${parent.id}`);
  if (parent.cancel !== null) return;
  const waiting = parent.head.waiting;
  const isAwaited = parent.wait !== null && waiting?.kind === "child" && waiting.jobId === job.id;
  if (!isAwaited) ledger.report(job.id, `has a parent that doesn't wait for it: ${parent.id}`);
}

function ownersOf(job: JobRecord): number {
  return (job.ready === null ? 0 : 1) + (job.lease === null ? 0 : 1) + (job.wait === null ? 0 : 1);
}

function named(job: JobRecord): string {
  const { ready, lease, wait } = job;
  const owners = [ready !== null && "queue", lease !== null && "lease", wait !== null && `wait ${wait}`];
  return owners.filter((owner) => owner !== false).join(", ") || "nobody";
}

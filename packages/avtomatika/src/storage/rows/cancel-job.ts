import { type Call, Grants, leased } from "#storage/rows/call";
import { closeJoin } from "#storage/rows/close-join";
import { offerJob } from "#storage/rows/wake-job";
import type { Delivered, LeaseRequest } from "#storage/storage";

/** See `Storage.cancelJob`. */
export function cancelJob(
  call: Call,
  input: { jobId: string; id: string; lease: LeaseRequest | null },
): Delivered & { running: boolean } {
  const grants = new Grants(input.lease);
  const outcome = markCancelled(call, input.jobId, input.id, grants);
  const job = call.rows.job(input.jobId);
  const again = job !== undefined && input.lease !== null && job.lease?.claim === input.lease.claim;
  const mine = grants.given[0] ?? (again ? leased(call, job) : null);
  return { outcome, leased: mine, running: mine === null && job !== undefined && job.lease !== null };
}

/**
 * Marks a job: its tasks are withdrawn here and now, and only a step that knows of the mark can commit. A job
 * that nobody runs is handed to the call's lease or to whoever claims it, whatever its blueprint.
 */
export function markCancelled(call: Call, jobId: string, id: string, grants: Grants): Delivered["outcome"] {
  const job = call.rows.job(jobId);
  if (job === undefined) return "unknown";
  if (job.cancel?.id === id) return "accepted";
  if (job.endedAt !== null) return "ended";
  if (job.cancel !== null) return "accepted";
  job.cancel = { id, at: call.now };
  job.updatedAt = call.now;
  if (job.wait !== null) closeJoin(call, jobId, job.wait, "closed");
  job.wait = null;
  job.due = null;
  if (job.lease !== null) {
    call.rows.putJob(job);
    call.bells.push({ kind: "cancelled", jobId, engine: job.lease.engine });
  } else if (job.ready !== null) {
    // It changes queues: nobody needs to know its blueprint any more.
    job.ready = null;
    offerJob(call, job, grants);
  } else {
    job.status = "running";
    offerJob(call, job, grants);
  }
  return "accepted";
}

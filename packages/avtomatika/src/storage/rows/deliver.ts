import type { JobEvent } from "#core/job";
import { type Call, Grants, leased } from "#storage/rows/call";
import { wakeJob } from "#storage/rows/wake-job";
import type { Delivered, LeaseRequest } from "#storage/storage";

/** See `Storage.deliver`. */
export function deliver(call: Call, input: { jobId: string; event: JobEvent; lease: LeaseRequest | null }): Delivered {
  const { jobId, event, lease } = input;
  const job = call.rows.job(jobId);
  if (job === undefined) return { outcome: "unknown", leased: null };
  if (job.closedBy === event.id) {
    return {
      outcome: "accepted",
      leased: lease !== null && job.lease?.claim === lease.claim ? leased(call, job) : null,
    };
  }
  if (job.wait !== event.wait || job.cancel !== null) {
    return { outcome: job.endedAt === null ? "closed" : "ended", leased: null };
  }
  const grants = new Grants(lease);
  wakeJob(call, job, event, grants);
  return { outcome: "accepted", leased: grants.given[0] ?? null };
}

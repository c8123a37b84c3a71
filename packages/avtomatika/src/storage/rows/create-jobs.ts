import { freshHead, type JobRecord, type NewJob } from "#core/job";
import type { FindCreated } from "#storage/counters";
import { type Call, Grants, leasedBefore } from "#storage/rows/call";
import { offerJob } from "#storage/rows/wake-job";
import type { Created, CreateJobs, LeasedJob } from "#storage/storage";

/** See `Storage.createJobs`. */
export function createJobs(call: Call, input: CreateJobs): { results: Created[]; leased: LeasedJob[] } {
  const before = leasedBefore(call, input.lease);
  const grants = new Grants(input.lease);
  const results = input.jobs.map(({ job, dedup }): Created => {
    const known = dedup === null ? null : judgeKey(call, dedup);
    if (known !== null && known.jobId !== job.id) return known;
    if (call.rows.job(job.id) !== undefined) return { outcome: "created", jobId: job.id };
    insertJob(call, job, grants);
    if (dedup !== null) {
      const { key, fingerprint, ttlMs } = dedup;
      call.rows.putDedup({ key, jobId: job.id, fingerprint, expiresAt: call.now + ttlMs });
    }
    return { outcome: "created", jobId: job.id };
  });
  return { results, leased: [...before, ...grants.given] };
}

/** See `Storage.findCreated`. */
export function findCreated(call: Call, input: FindCreated): { results: (Created | null)[] } {
  return { results: input.keys.map((key) => judgeKey(call, key)) };
}

/** What an idempotency key stands for: null for nothing (any more). */
function judgeKey(call: Call, { key, fingerprint }: FindCreated["keys"][number]): Created | null {
  const known = call.rows.dedup(key);
  if (known === undefined || known.expiresAt <= call.now) return null;
  return { outcome: known.fingerprint === fingerprint ? "existing" : "conflict", jobId: known.jobId };
}

/** Writes a new job and leases it or makes it ready. */
export function insertJob(call: Call, job: NewJob, grants: Grants): void {
  const record: JobRecord = {
    id: job.id,
    blueprint: job.blueprint,
    owner: job.owner,
    parentId: job.parentId,
    createdAt: call.now,
    updatedAt: call.now,
    endedAt: null,
    priority: job.priority,
    status: "pending",
    state: job.state,
    version: 1,
    writer: null,
    lease: null,
    runs: 0,
    ready: null,
    wait: null,
    event: null,
    closedBy: null,
    due: null,
    cancel: null,
    watched: job.watched,
    progress: null,
    head: freshHead(),
  };
  call.rows.putJobInitial(job.id, job.initial);
  call.rows.putJobData(job.id, {});
  offerJob(call, record, grants);
}

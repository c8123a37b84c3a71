import type { JobEvent, JobRecord } from "#core/job";
import { hasEnded } from "#core/status";
import { type Call, type Grants, leased, wake } from "#storage/rows/call";
import { anyEngine, readyQueue } from "#storage/rows/rows";
import type { LeaseRequest } from "#storage/storage";

/** Closes a job's wait with a message: the job is leased under the call's request, or ready for whoever claims it. */
export function wakeJob(call: Call, job: JobRecord, event: JobEvent, grants: Grants): void {
  job.wait = null;
  job.due = null;
  job.event = event;
  job.closedBy = event.id;
  job.updatedAt = call.now;
  if (!hasEnded(job.status)) job.status = "running";
  offerJob(call, job, grants);
}

/** Leases a job that can go on, unless others of its queue wait already; otherwise puts it in its queue. */
export function offerJob(call: Call, job: JobRecord, grants: Grants): void {
  const queue = readyQueue(job);
  const request = grants.open(queue, anyEngine);
  if (request !== null && call.rows.firstReady(queue) === undefined) grants.given.push(grant(call, job, request));
  else makeReady(call, job);
}

/** Gives a job's lease to the caller and counts the run. */
export function grant(call: Call, job: JobRecord, request: LeaseRequest) {
  job.ready = null;
  job.lease = { engine: request.engine, claim: request.claim, until: call.now + request.ms };
  job.runs += 1;
  if (job.status === "pending" && job.cancel === null) job.status = "running";
  call.rows.putJob(job);
  wake(call, job.lease.until);
  return leased(call, job);
}

/** Puts a job in its ready queue: work that was begun before new work, then priority, then age. */
export function makeReady(call: Call, job: JobRecord): void {
  const queue = readyQueue(job);
  if (call.rows.firstReady(queue) === undefined)
    call.bells.push({ kind: "ready", shard: call.shard, blueprint: queue });
  const begun = job.version > 1 || job.runs > 0;
  job.ready = ((begun ? 0 : 2048) + 1000 - job.priority) * 2 ** 40 + call.rows.next("sequence");
  job.lease = null;
  call.rows.putJob(job);
}

import type { JobRecord } from "#core/job";
import type { Outage } from "#core/judge-due";
import { type Call, Grants, leasedBefore, wake } from "#storage/rows/call";
import { goOnClosing } from "#storage/rows/close-join";
import { promoteDelayed, takeDueTasks } from "#storage/rows/due-tasks";
import { noteCall } from "#storage/rows/note-call";
import { anyEngine } from "#storage/rows/rows";
import { earliest } from "#storage/rows/task-state";
import { grant, makeReady, wakeJob } from "#storage/rows/wake-job";
import type { ClaimedJobs, ClaimJobs, LeasedJob, LeaseRequest } from "#storage/storage";

/** How many things of a kind one call makes ready. */
const dueJobsPerCall = 100;
/** After an outage engines that were only cut off have so long to prolong the leases that ran out in it. */
const returnMs = 5000;

/** See `Storage.claimJobs`. */
export function claimJobs(call: Call, input: ClaimJobs): ClaimedJobs {
  const outages = noteCall(call, input.silenceMs);
  const due = call.rows.dueJobs(call.now, dueJobsPerCall);
  for (const id of due) wakeDueJob(call, call.rows.job(id) as JobRecord, outages);
  promoteDelayed(call);
  const before = leasedBefore(call, input.lease);
  const jobs = before.length > 0 ? before : claimReady(call, input.lease);
  const tasks = takeDueTasks(call, input.dueLimit, input.takeMs);
  goOnClosing(call, shareOf(call, due.length + jobs.length + tasks.length));
  const sides = earliest(call.rows.nextSideExpiry(), call.rows.nextCounterExpiry());
  const expiry = earliest(call.rows.nextExpiry(), sides);
  return {
    jobs,
    tasks,
    left: firstQueue(call, input.lease) !== null,
    moreDue: due.length === dueJobsPerCall || tasks.length >= input.dueLimit || call.rows.firstClosing() !== undefined,
    nextDue: earliest(earliest(nextJobDue(call), earliest(call.rows.nextTaskDue(), call.rows.nextRangeDue())), expiry),
    purgeDue: expiry !== null && expiry <= call.now,
    outages,
  };
}

/** How many tasks of closed joins a claim takes back that has done so much else: a few in any case. */
function shareOf(call: Call, done: number): number {
  return Math.max(1, Math.ceil(call.closes / 10), call.closes - done);
}

function nextJobDue(call: Call): number | null {
  return call.rows.nextJobDue();
}

/** A lease that ran out makes the job ready again, the lost run counted; a timer closes its wait. */
function wakeDueJob(call: Call, job: JobRecord, outages: readonly Outage[]): void {
  if (job.lease !== null) {
    const { until } = job.lease;
    const outage = outages.find(({ from, to }) => from < until && until <= to);
    if (outage === undefined) return makeReady(call, job);
    return extendLease(call, job, outage.to + returnMs);
  }
  const wait = job.wait as number;
  wakeJob(call, job, { id: `due:${job.id}:${wait}`, wait, kind: "due" }, new Grants(null));
}

function claimReady(call: Call, request: LeaseRequest): LeasedJob[] {
  const claimed: LeasedJob[] = [];
  while (claimed.length < request.limit) {
    const first = firstQueue(call, request);
    if (first === null) break;
    claimed.push(grant(call, call.rows.job(first) as JobRecord, request));
  }
  return claimed;
}

/** The first ready job over the queues that the caller may serve. */
function firstQueue(call: Call, request: LeaseRequest): string | null {
  let best: { id: string; ready: number } | undefined;
  for (const queue of [anyEngine, ...request.blueprints]) {
    const first = call.rows.firstReady(queue);
    if (first !== undefined && (best === undefined || first.ready < best.ready)) best = first;
  }
  return best?.id ?? null;
}

/** Jobs that their engine gives back: the run doesn't count. */
export function releaseJob(call: Call, job: JobRecord): void {
  job.runs -= 1;
  makeReady(call, job);
}

/** Prolongs a job's lease. */
export function extendLease(call: Call, job: JobRecord, until: number): void {
  if (job.lease === null) return;
  job.lease.until = until;
  call.rows.putJob(job);
  wake(call, job.lease.until);
}

import type { JobRecord } from "#core/job";
import type { Bell } from "#storage/bell";
import type { Rows } from "#storage/rows/rows";
import type { LeasedJob, LeaseRequest } from "#storage/storage";

/** One call on one shard: its rows, its instant, and the bells it will ring once it is written. */
export interface Call {
  readonly rows: Rows;
  readonly shard: number;
  readonly now: number;
  readonly bells: Bell[];
  /** The earliest new wake of this call. */
  wakeAt: number;
  /** Workers that were told they are full: a freed lease rings for them. A hint, kept in memory. */
  readonly full: Set<string>;
  /** How many tasks this call may still take back from joins that close; claims take back the rest. */
  closes: number;
  /** What workers have to be told to stop, by worker. */
  readonly revoked: Map<string, string[]>;
}

/** Says that somebody has to look at this shard at `at`. */
export function wake(call: Call, at: number | null): void {
  if (at !== null && at < call.wakeAt) call.wakeAt = at;
}

/** The leases that a call grants. */
export class Grants {
  readonly given: LeasedJob[] = [];
  readonly #request: LeaseRequest | null;

  constructor(request: LeaseRequest | null) {
    this.#request = request;
  }

  /** The request, if one more job of this queue may be leased under it. */
  open(queue: string, anyEngine: string): LeaseRequest | null {
    const request = this.#request;
    if (request === null || this.given.length >= request.limit) return null;
    return queue === anyEngine || request.blueprints.includes(queue) ? request : null;
  }
}

/** The parts of a job that whoever leases it gets. */
export function leased(call: Call, job: JobRecord): LeasedJob {
  return { job, data: call.rows.jobData(job.id), initial: call.rows.jobInitial(job.id) };
}

/** What an earlier, equal call leased: the answer of a repeat. */
export function leasedBefore(call: Call, request: LeaseRequest | null): LeasedJob[] {
  if (request === null) return [];
  return call.rows.jobsOfClaim(request.claim).map((id) => leased(call, call.rows.job(id) as JobRecord));
}

import type { JobInitial, JobRecord } from "#core/job";
import type { JsonObject } from "#core/json";
import { type JobStatus, jobStatuses } from "#core/status";
import { copy } from "#storage/memory/copy";
import { SetIndex, SortedIndex } from "#storage/memory/indexes";
import { SortedSet } from "#storage/memory/sorted-set";
import { isExpiring, type JobRows, readyQueue, wakeOf } from "#storage/rows/rows";
import type { ListJobs } from "#storage/storage";

/** Jobs of one shard in memory. */
export class MemoryJobs implements JobRows {
  readonly records = new Map<string, JobRecord>();
  readonly #data = new Map<string, JsonObject>();
  readonly #initial = new Map<string, JobInitial>();
  readonly #ready = new SortedIndex();
  readonly #readyOwners = new SetIndex();
  readonly #wake = new SortedSet();
  readonly #expiry = new SortedSet();
  readonly #claims = new SetIndex();
  readonly #lists = new SortedIndex();
  readonly #assertOwn: (jobId: string) => void;

  constructor(assertOwn: (jobId: string) => void) {
    this.#assertOwn = assertOwn;
  }

  job(id: string): JobRecord | undefined {
    this.#assertOwn(id);
    return copy(this.records.get(id));
  }

  putJob(job: JobRecord): void {
    this.#assertOwn(job.id);
    const former = this.records.get(job.id);
    if (former !== undefined) this.#index(former, "delete");
    const record = copy(job);
    this.records.set(job.id, record);
    this.#index(record, "add");
  }

  removeJob(id: string): void {
    const former = this.records.get(id);
    if (former !== undefined) this.#index(former, "delete");
    this.records.delete(id);
    this.#data.delete(id);
    this.#initial.delete(id);
  }

  jobData(id: string): JsonObject {
    return copy(this.#data.get(id) as JsonObject);
  }
  putJobData(id: string, data: JsonObject): void {
    this.#data.set(id, copy(data));
  }
  jobInitial(id: string): JobInitial {
    return copy(this.#initial.get(id) as JobInitial);
  }
  putJobInitial(id: string, initial: JobInitial): void {
    this.#initial.set(id, copy(initial));
  }

  firstReady(queue: string): { id: string; ready: number } | undefined {
    const first = this.#ready.get(queue)?.first();
    return first && { id: first.id, ready: first.score };
  }
  countReady(owner: string | null): number {
    return this.#readyOwners.count(listKey(owner, null));
  }
  dueJobs(now: number, limit: number): string[] {
    return this.#wake.upTo(now, limit);
  }
  nextJobDue(): number | null {
    return this.#wake.first()?.score ?? null;
  }
  expiredJobs(now: number, limit: number): string[] {
    return this.#expiry.upTo(now, limit);
  }
  nextExpiry(): number | null {
    return this.#expiry.first()?.score ?? null;
  }
  jobsOfClaim(claim: string): string[] {
    return [...this.#claims.get(claim)];
  }

  listJobs(filter: Omit<ListJobs, "shard">): JobRecord[] {
    const found: JobRecord[] = [];
    const before = filter.before ?? { createdAt: Number.POSITIVE_INFINITY, id: "" };
    for (const { id } of this.#lists.get(listKey(filter.owner, filter.status))?.below(before.createdAt, before.id) ??
      []) {
      if (found.length >= filter.limit) break;
      const job = this.records.get(id) as JobRecord;
      if (filter.blueprint !== null && job.blueprint !== filter.blueprint) continue;
      if (filter.withoutDiscarded && job.head.discardedAt !== null) continue;
      found.push(copy(job));
    }
    return found;
  }

  countJobs(owner: string | null): Record<JobStatus, number> {
    const counts = jobStatuses.map((status) => [status, this.#lists.get(listKey(owner, status))?.size ?? 0]);
    return Object.fromEntries(counts) as Record<JobStatus, number>;
  }

  #index(job: JobRecord, change: "add" | "delete"): void {
    const wake = wakeOf(job);
    if (wake !== null) this.#wake[change](wake, job.id);
    if (isExpiring(job)) this.#expiry[change](job.due as number, job.id);
    if (job.lease !== null) this.#claims[change](job.lease.claim, job.id);
    if (job.ready !== null) this.#ready[change](readyQueue(job), job.ready, job.id);
    for (const owner of [null, job.owner]) {
      if (job.ready !== null) this.#readyOwners[change](listKey(owner, null), job.id);
      this.#lists[change](listKey(owner, null), job.createdAt, job.id);
      this.#lists[change](listKey(owner, job.status), job.createdAt, job.id);
    }
  }
}

function listKey(owner: string | null, status: JobStatus | null): string {
  return `${status ?? ""}|${owner === null ? "" : `=${owner}`}`;
}

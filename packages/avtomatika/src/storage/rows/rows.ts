import type { JobInitial, JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { Json, JsonObject } from "#core/json";
import type { Outage } from "#core/judge-due";
import type { JobStatus } from "#core/status";
import type { Lane, TaskAddress, TaskItem, TaskRecord, TaskResult } from "#core/task";
import type { Bucket } from "#core/token-bucket";
import type { ListJobs } from "#storage/storage";

/**
 * The rows of one shard, for stores whose rows are at hand without waiting (memory, SQLite). The operations
 * beside this file are written once over it. What is read may be changed freely and changes nothing until it is
 * put back; `put…` replaces the row and keeps every index true.
 */
export interface Rows extends JobRows, TaskRows, QueueRows, BranchRows, ClosingRows, SideRows, CounterRows, MetaRows {}

export interface MetaRows {
  /** The next value of a counter: 1, 2, 3 … */
  next(counter: "sequence" | "lane" | "worker"): number;
  /** When an engine last called. */
  lastCall(): number | null;
  setLastCall(now: number): void;
  /** Oldest first. */
  outages(): Outage[];
  putOutages(outages: readonly Outage[]): void;
}

export interface JobRows {
  job(id: string): JobRecord | undefined;
  putJob(job: JobRecord): void;
  /** The record and its parts. */
  removeJob(id: string): void;
  jobData(id: string): JsonObject;
  putJobData(id: string, data: JsonObject): void;
  jobInitial(id: string): JobInitial;
  putJobInitial(id: string, initial: JobInitial): void;
  /** The job with the lowest `ready` among those whose `readyQueue(job)` is `queue`. */
  firstReady(queue: string): { id: string; ready: number } | undefined;
  countReady(owner: string | null): number;
  /** Ids whose `wakeOf(job)` is due, earliest first; never ended ones. */
  dueJobs(now: number, limit: number): string[];
  nextJobDue(): number | null;
  /** Ids of ended jobs whose `due` is over, earliest first. */
  expiredJobs(now: number, limit: number): string[];
  nextExpiry(): number | null;
  /** Ids leased by one call. */
  jobsOfClaim(claim: string): string[];
  listJobs(filter: Omit<ListJobs, "shard">): JobRecord[];
  countJobs(owner: string | null): Record<JobStatus, number>;
}

export interface TaskRows {
  task(jobId: string, wait: number, index: number): TaskRecord | undefined;
  putTask(task: TaskRecord): void;
  removeTask(task: TaskRecord): void;
  /** Tasks whose `due` is over, earliest first: delayed ones, or all others. */
  dueTasks(now: number, limit: number, delayed: boolean): TaskRecord[];
  nextTaskDue(): number | null;
  tasksOfClaim(claim: string): TaskRecord[];
  /** Offered, leased or revoked tasks of a worker. There may be thousands: only where they are. */
  heldTasks(worker: string): TaskAddress[];
  countHeld(worker: string): number;
  /** Where they are, and who holds them. */
  revokedTasks(): (TaskAddress & { worker: string })[];
  /** By index, from `from` on. */
  tasksOfJoin(jobId: string, wait: number, from: number, limit: number): TaskRecord[];
}

/** A task or a range of branches in its lane. `ref` is the task's index, or −1 − group. */
export interface QueueEntry {
  lane: string;
  score: number;
  jobId: string;
  wait: number;
  ref: number;
}
export interface LaneRow {
  lane: Lane;
  version: number;
  /** The score of its first entry; null while it is empty. */
  head: number | null;
  emptySince: number | null;
}

export interface QueueRows {
  pushEntry(entry: QueueEntry): void;
  removeEntry(entry: QueueEntry): void;
  firstEntry(lane: string): QueueEntry | undefined;
  laneRow(id: string): LaneRow | undefined;
  putLane(row: LaneRow): void;
  removeLane(id: string): void;
  /** Lanes of a type that have entries, by head. */
  lanesByHead(type: string): Iterable<LaneRow>;
  lanesSince(version: number): LaneRow[];
  lanesVersion(): number;
  /** Lanes that have been empty since before then. */
  emptyLanes(before: number, limit: number): LaneRow[];
}

/** Branches `next` … `end − 1` of a group that were not handed out yet. */
export interface RangeRow {
  jobId: string;
  wait: number;
  group: number;
  lane: string;
  score: number;
  next: number;
  end: number;
  /** When the queue timeout or the result timeout of all of them is over. */
  due: number | null;
  queuedAt: number;
}

export interface BranchRows {
  join(jobId: string, wait: number): JoinRecord | undefined;
  putJoin(join: JoinRecord): void;
  range(jobId: string, wait: number, group: number): RangeRow | undefined;
  putRange(range: RangeRow): void;
  removeRange(range: RangeRow): void;
  rangesOf(jobId: string, wait: number): RangeRow[];
  dueRanges(now: number, limit: number): RangeRow[];
  nextRangeDue(): number | null;
  item(jobId: string, wait: number, group: number, position: number): TaskItem | undefined;
  putItems(jobId: string, wait: number, group: number, start: number, items: readonly TaskItem[]): void;
  result(jobId: string, wait: number, index: number): TaskResult | undefined;
  putResult(result: TaskResult): void;
  /** By index, from `from` on. */
  results(jobId: string, wait: number, from: number, limit: number): TaskResult[];
  /** Removes up to `limit` items, results, joins, ranges, tasks and once values of a job; answers how many. */
  removeBranches(jobId: string, limit: number): number;
}

/** A join whose closing has not come to all of its tasks: those from the index `next` on stand as they stood at `at`. */
export interface ClosingRow {
  jobId: string;
  wait: number;
  at: number;
  next: number;
}

export interface ClosingRows {
  closing(jobId: string, wait: number): ClosingRow | undefined;
  putClosing(row: ClosingRow): void;
  removeClosing(row: ClosingRow): void;
  /** The one that has waited longest. */
  firstClosing(): ClosingRow | undefined;
}

export interface DedupRow {
  key: string;
  jobId: string;
  fingerprint: string;
  expiresAt: number;
}
export interface StoredWorker {
  id: string;
  record: JsonObject | null;
  seenAt: number;
  expiresAt: number;
  version: number;
}

export interface SideRows {
  onceValues(jobId: string, visit: number): Record<string, Json>;
  putOnce(jobId: string, visit: number, name: string, value: Json): void;
  dropOnce(jobId: string, beforeVisit: number): void;
  dedup(key: string): DedupRow | undefined;
  putDedup(row: DedupRow): void;
  /** Removes up to `limit` rows that ran out; answers how many. */
  removeExpiredDedup(now: number, limit: number): number;
  worker(id: string): StoredWorker | undefined;
  putWorker(worker: StoredWorker): void;
  removeWorker(id: string): void;
  workersSince(version: number): StoredWorker[];
  /** Those with a record that `expiresAt` after then. */
  workersBeyond(expiresAt: number): StoredWorker[];
  expiredWorkers(now: number, limit: number): StoredWorker[];
  /** The earliest `expiresAt` of dedup records and workers. */
  nextSideExpiry(): number | null;
  addStanding(worker: string, day: number, attempts: number, successes: number): void;
  standings(sinceDay: number): { worker: string; attempts: number; successes: number }[];
  removeStandings(beforeDay: number): void;
}

/** What became of a job's charge: a quota had no unit left, or it has the unit back. */
export interface ChargeRow {
  jobId: string;
  owner: string;
  /** The id of the month. */
  period: string;
  state: "charged" | "refused" | "refunded";
  expiresAt: number;
}
export interface QuotaRow {
  owner: string;
  period: string;
  used: number;
  expiresAt: number;
}
export interface BucketRow {
  key: string;
  bucket: Bucket;
  expiresAt: number;
}

export interface CounterRows {
  charge(jobId: string): ChargeRow | undefined;
  putCharge(row: ChargeRow): void;
  quota(owner: string, period: string): QuotaRow | undefined;
  putQuota(row: QuotaRow): void;
  bucket(key: string): BucketRow | undefined;
  putBucket(row: BucketRow): void;
  /** Removes up to `limit` rows that ran out; answers how many. */
  removeExpiredCounters(now: number, limit: number): number;
  /** The earliest `expiresAt` of all. */
  nextCounterExpiry(): number | null;
}

/** Jobs that need no blueprint are claimed by every engine. */
export const anyEngine = "*";

/** The queue that a ready job stands in: that of its blueprint, or everybody's when no handler is needed. */
export function readyQueue(job: JobRecord): string {
  return job.cancel !== null || job.event?.kind === "discard" ? anyEngine : job.blueprint;
}

/** True for an ended job whose record may go at its `due`. */
export function isExpiring(job: JobRecord): boolean {
  return job.endedAt !== null && job.due !== null && job.lease === null && job.ready === null;
}

/** When an engine has to look at a job again: its lease or its wait runs out; null for never. */
export function wakeOf(job: JobRecord): number | null {
  if (job.lease !== null) return job.lease.until;
  return job.endedAt === null ? job.due : null;
}

import type { JobEvent, JobInitial, JobRecord, NewJob } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { Json, JsonObject } from "#core/json";
import type { Outage } from "#core/judge-due";
import type { JobStatus } from "#core/status";
import type { StepCommit } from "#core/step-commit";
import type { Answer, Lane, TaskAddress, TaskEnd, TaskItem, TaskRecord, TaskResult } from "#core/task";
import type { Bell, EngineBell } from "#storage/bell";
import type { Counters } from "#storage/counters";

/**
 * The store's port. Each method takes and returns plain data, touches one shard, and is atomic: all of it
 * happens or nothing. Each may be repeated, since its reply can be lost after it was applied: a repeat with the
 * same ids gives the first answer and changes nothing. Every reply carries `now`, the store's clock in
 * milliseconds: the only one that decides deadlines.
 *
 * A store that is away rejects with `AvtomatikaError` code `store_unavailable`; the call may or may not have been
 * applied, and the caller repeats it.
 */
export interface Storage extends Counters {
  /** How many shards there are; fixed when the store is first used. */
  readonly shards: number;
  /** A short name for logs: `memory`, `sqlite`. */
  readonly name: string;

  /** Opens the store. Throws `store_in_use` or `store_format` with the remedy. */
  open(): Promise<void>;
  /** Writes what is pending and lets go. Calls after it are refused. */
  close(): Promise<void>;
  /** Bells: hints that may be lost or doubled. Returns the function that ends the listening. */
  listen(listener: (bell: Bell) => void): () => void;

  /** Creates jobs with their dedup records; leases up to `lease.limit` of them where nobody of the blueprint waits. */
  createJobs(input: CreateJobs): Promise<Reply<{ results: Created[]; leased: LeasedJob[] }>>;
  /** A job with everything a view or an explanation needs. `watch` makes its end ring a bell. */
  getJob(input: { jobId: string; watch?: boolean }): Promise<Reply<{ found: JobDetails | null }>>;
  /** A page of one shard's jobs, newest first. */
  listJobs(input: ListJobs): Promise<Reply<{ jobs: JobRecord[]; more: boolean }>>;
  /** How many jobs there are by status, and how many are ready for a handler. */
  countJobs(input: {
    shard: number;
    owner: string | null;
  }): Promise<Reply<{ counts: Record<JobStatus, number>; ready: number }>>;

  /** Due jobs become ready; ready ones of known blueprints are leased; due tasks are taken for `takeMs`. */
  claimJobs(input: ClaimJobs): Promise<Reply<ClaimedJobs>>;
  /** The atomic end of a step. `superseded`: a cancel came after the step was opened. `lost`: the lease is gone. */
  commitStep(input: { commit: StepCommit; lease: LeaseRequest | null }): Promise<Reply<Committed>>;
  /** Brings a message that closes a wait: a decision, a requeue, a discard. */
  deliver(input: { jobId: string; event: JobEvent; lease: LeaseRequest | null }): Promise<Reply<Delivered>>;
  /** Marks a job that has not ended as cancelled; from then on only a step that knows of it can commit. */
  cancelJob(input: {
    jobId: string;
    id: string;
    lease: LeaseRequest | null;
  }): Promise<Reply<Delivered & { running: boolean }>>;
  /** Stores the progress of tasks, from the worker that holds them; others are skipped. */
  putProgress(input: {
    shard: number;
    entries: { address: TaskAddress; worker: string; value: number; message: string | null }[];
  }): Promise<Reply<{ stored: number }>>;
  /** Prolongs leases of jobs, confirms offers of tasks, gives back what is named in `release`. */
  extendLeases(input: ExtendLeases): Promise<Reply<{ lost: string[]; cancelled: string[] }>>;
  /** Items of a fan-out or a `once` value, invisible until the commit, fenced by the lease. */
  stage(input: Stage): Promise<Reply<{ outcome: "ok" | "lost"; value?: Json }>>;
  /** The `once` values of a visit. */
  readOnce(input: { jobId: string; visit: number }): Promise<Reply<{ values: Record<string, Json> }>>;
  /** A page of a join's results, by index. */
  readResults(input: {
    jobId: string;
    wait: number;
    from: number;
    limit: number;
  }): Promise<Reply<{ results: TaskResult[]; next: number | null }>>;

  /** Hands tasks of the named lanes to a worker, as offers: best head first, within its capacity. */
  claimTasks(input: ClaimTasks): Promise<Reply<ClaimedTasks>>;
  /** Results, retries, give-backs. Fires joins, and may lease the jobs that go on. */
  settleTasks(input: {
    shard: number;
    settlements: Settlement[];
    lease: LeaseRequest | null;
  }): Promise<Reply<{ results: Settled[]; leased: LeasedJob[] }>>;
  /** One task, or what is left of it. */
  getTask(input: { address: TaskAddress }): Promise<Reply<{ found: TaskDetails | null }>>;
  /** Tasks that were cancelled while a worker held them, and that it has not answered yet. */
  listRevoked(input: { shard: number }): Promise<Reply<{ tasks: { worker: string; taskId: string }[] }>>;
  /** Gives back what a worker holds and doesn't name: it is a new process. Thousands go in parts, each of them atomic. */
  releaseLeases(input: { shard: number; worker: string; keep: string[] }): Promise<Reply<{ released: string[] }>>;

  /**
   * Writes worker records (shard 0); `record: null` only prolongs. A record that was made from another version than
   * the stored one is not written: `conflicts` has what is stored.
   */
  putWorkers(input: { workers: WorkerWrite[] }): Promise<Reply<{ version: number; conflicts: WorkerRow[] }>>;
  /** Worker records changed since a version, with the ids of those that went. */
  listWorkers(input: { since: number }): Promise<Reply<{ workers: WorkerRow[]; version: number }>>;
  /**
   * When workers were last heard of, by whatever engine: those whose record lives beyond `after`. A worker whose record
   * went is left out.
   */
  listSigns(input: { after: number }): Promise<Reply<{ signs: WorkerSign[] }>>;
  /** Settled attempts per worker over the last 30 days, for reputation. */
  readStandings(input: {
    shard: number;
  }): Promise<Reply<{ standings: { worker: string; attempts: number; successes: number }[] }>>;

  /** Removes ended jobs past their retention, old dedup records, workers and counters: at most `limit` rows a call. */
  purge(input: { shard: number; limit: number }): Promise<Reply<{ removed: number; jobs: number; more: boolean }>>;

  /** Rings a bell for all engines: what one of them knows, and the store has no record of. */
  tell(input: { bell: EngineBell }): Promise<Reply<object>>;
}

export type Reply<T> = T & { now: number };

/** A wish to hold the jobs that a call makes ready. `claim` is new for every call. */
export interface LeaseRequest {
  engine: string;
  claim: string;
  ms: number;
  limit: number;
  /** Only jobs of these blueprints can be run here. A cancel or a discard needs none. */
  blueprints: readonly string[];
}

export interface LeasedJob {
  job: JobRecord;
  data: JsonObject;
  initial: JobInitial;
}

export interface CreateJobs {
  shard: number;
  jobs: { job: NewJob; dedup: { key: string; fingerprint: string; ttlMs: number } | null }[];
  lease: LeaseRequest | null;
}
/** `existing` and `conflict` come from the dedup record, with the id it names. */
export type Created = { outcome: "created" | "existing" | "conflict"; jobId: string };

export interface JobDetails {
  job: JobRecord;
  data: JsonObject;
  initial: JobInitial;
  /** Of the open wait, if it has one. */
  join: JoinRecord | null;
  /** The task of a single join. */
  task: TaskRecord | null;
  /** The lanes in which the open wait's tasks are queued: at most 10. */
  lanes: Lane[];
}

export interface ListJobs {
  shard: number;
  /** Null for every owner. */
  owner: string | null;
  status: JobStatus | null;
  blueprint: string | null;
  /** Quarantined jobs that were discarded are left out. */
  withoutDiscarded: boolean;
  /** Only jobs older than this one. */
  before: { createdAt: number; id: string } | null;
  limit: number;
}

export interface ClaimJobs {
  shard: number;
  lease: LeaseRequest;
  dueLimit: number;
  /** How long due tasks are out of the way of other engines. */
  takeMs: number;
  /** A longer time in which no engine claimed or prolonged anything is remembered as an outage. */
  silenceMs: number;
}
export interface ClaimedJobs {
  jobs: LeasedJob[];
  tasks: TaskDetails[];
  /** Ready jobs that the caller could have leased remain. */
  left: boolean;
  /** More is due now than one call handles. */
  moreDue: boolean;
  /** When to come back at the latest; null if nothing is due ever. */
  nextDue: number | null;
  /** Something can be purged now. */
  purgeDue: boolean;
  /** The latest outages of the shard, oldest first, that before this very call included. */
  outages: Outage[];
}

/** After `committed` the job is as written; `leased` are children and the parent, if they were asked for. */
export type Committed =
  | { outcome: "committed"; job: JobRecord; leased: LeasedJob[] }
  | { outcome: "superseded"; job: JobRecord }
  | { outcome: "lost" };

/** `closed`: the job doesn't wait for this (any more). */
export interface Delivered {
  outcome: "accepted" | "closed" | "ended" | "unknown";
  leased: LeasedJob | null;
}

export interface ExtendLeases {
  shard: number;
  engine: string;
  ms: number;
  jobs: { jobId: string; claim: string }[];
  /** Offers that were written to a worker's socket: they become leases, looked at again after `checkMs`. */
  confirm: { address: TaskAddress; claim: string }[];
  checkMs: number;
  /** Jobs given back by an engine that stops; the run doesn't count. */
  release: { jobId: string; claim: string }[];
  /** See `ClaimJobs`. */
  silenceMs: number;
}

export interface Stage {
  jobId: string;
  claim: string;
  items: { wait: number; group: number; start: number; items: TaskItem[] } | null;
  once: { visit: number; name: string; value: Json } | null;
}

export interface ClaimTasks {
  shard: number;
  worker: string;
  claim: string;
  /** The lanes that the worker may take from. */
  lanes: readonly string[];
  limit: number;
  /** How many tasks the worker may hold in all. */
  capacity: number;
  /** How long the offer stands. */
  offerMs: number;
  /** The version of the lane list that the caller knows. */
  lanesSeen: number;
}
export interface ClaimedTasks {
  tasks: { task: TaskRecord; type: string; trace: JsonObject }[];
  /** The named lanes that still have tasks. */
  left: string[];
  /** The worker holds as many tasks as it may. */
  full: boolean;
  open: number;
  /** Lanes that the caller doesn't know yet, and the version of the list with them. */
  lanes: Lane[];
  lanesVersion: number;
}

/**
 * `done` ends the task, `retry` ends the attempt and queues the next one at `at`, `return` queues the same
 * attempt again as one more unconfirmed hand-out, `extend` leaves it out until `due`, `drop` forgets a revoked task that nobody answered.
 */
export type Verdict =
  | { kind: "done"; ok: boolean; end: TaskEnd; answer: Answer }
  | { kind: "retry"; at: number; end: TaskEnd; answer: Answer }
  | { kind: "return" }
  | { kind: "extend"; due: number }
  | { kind: "drop" };

export interface Settlement {
  address: TaskAddress;
  /** The sender; "*" for whoever holds the task; null for the engine, which then names the `rev` it judged. */
  worker: string | null;
  rev: number | null;
  verdict: Verdict;
  /** The worker says that it stopped: an answer to a cancel. */
  cancelled: boolean;
}
export type IgnoredReason = "not_found" | "mismatch" | "cancelled" | "late" | "stale";
export type Settled =
  | { outcome: "applied"; answer: Answer; single: boolean }
  | { outcome: "ignored"; reason: IgnoredReason };

export interface TaskDetails {
  task: TaskRecord | null;
  result: TaskResult | null;
  lane: Lane | null;
  join: JoinRecord;
  job: { status: JobStatus; cancelled: boolean; ended: boolean };
}

export interface WorkerWrite {
  id: string;
  record: JsonObject | null;
  /** The version that the record was made from, 0 for none; left out where it replaces whatever is stored. */
  base?: number;
  seenAt: number;
  /** When the record goes if nothing is heard again. */
  expiresAt: number;
}
export interface WorkerRow {
  id: string;
  /** Null for one that went. */
  record: JsonObject | null;
  seenAt: number;
  version: number;
}

export type WorkerSign = Pick<WorkerRow, "id" | "seenAt">;

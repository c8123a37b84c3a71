import type { BlueprintDefinition } from "#core/definition";
import type { JobRecord } from "#core/job";
import type { Json, JsonObject } from "#core/json";
import type { Report } from "#core/settle";
import type { JobStatus } from "#core/status";
import type { JobDetails } from "#storage/storage";

/** Who calls: jobs are shown to their owner and to admins only; to others they don't exist. */
export interface Caller {
  clientId: string;
  admin: boolean;
}

/** Whoever has the token of a job's open approval may decide it; `null` where no token is asked for (`PUBLIC_APPROVALS`). */
export interface Bearer {
  token: string | null;
}

/** A creation as it is after validation. */
export interface Creation {
  blueprint: string;
  initialData: JsonObject;
  client: {
    id: string;
    plan: string | null;
    params: JsonObject;
    /** How many jobs it may create per calendar month; null for any number, without a further call to the store. */
    monthlyAttempts: number | null;
  };
  /** Scoped per client by the engine. `fingerprint` is a text that differs for every other request. */
  idempotency: { key: string; fingerprint: string } | null;
  priority: number;
  dispatchTimeoutMs: number | null;
  resultTimeoutMs: number | null;
  metadata: JsonObject | null;
  /** W3C trace context of the request: `traceparent`, `tracestate`. */
  trace: JsonObject;
  /** Somebody waits for the end. */
  watched: boolean;
}
export type CreationResult =
  | { outcome: "created" | "existing"; jobId: string }
  | { outcome: "conflict"; jobId: string }
  /** The client's quota of this month is used up; `retryAfterMs` is what is left of the month. */
  | { outcome: "over_quota"; retryAfterMs: number }
  /** The data violates the blueprint's `inputSchema`. */
  | { outcome: "invalid"; issues: string[] };

/** One task on its way to a worker. */
export interface HandedTask {
  taskId: string;
  jobId: string;
  type: string;
  params: JsonObject;
  trace: JsonObject;
  priority: number;
  attempt: number;
  /** Milliseconds since the epoch. */
  deadline: number;
}

/** What a poll brought. The caller says afterwards whether it could be written to the socket. */
export interface Poll {
  tasks: HandedTask[];
  /** The hand-over is confirmed in bulk. */
  delivered(): void;
  /** The socket was gone: the tasks go back to their queues at once. */
  undelivered(): void;
}

export interface ResultMessage {
  jobId: string;
  taskId: string;
  /** The worker of the sender; "*" where only the shared token is known: whoever holds the task. */
  worker: string;
  /** With "*": whether the sender may be that worker; anybody by default. */
  mayBe?: (workerId: string) => boolean;
  report: Report;
}
export type ResultVerdict =
  | { outcome: "applied"; answer: "success" | "failure" | "cancelled"; single: boolean }
  | { outcome: "ignored"; reason: "not_found" | "mismatch" | "cancelled" | "late" | "stale" };

export interface Explanation {
  job: JobDetails;
  summary: string;
  /** Milliseconds since the epoch; null where no timer moves the job. */
  nextTimer: number | null;
  attemptsLeft: number | null;
  workers: { workerId: string; eligible: boolean; reasons: string[] }[];
}

export interface JobPage {
  jobs: JobRecord[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}

/**
 * The engine as its server drives it. Calls reject with `AvtomatikaError` `store_unavailable` when the store stays
 * away for 5 s (results: 60 s).
 */
export interface Orchestrator {
  /** The clock that decides deadlines: the store's, in milliseconds since the epoch. */
  now(): number;
  /** True once the store has answered. */
  ready(): Promise<boolean>;
  blueprints(): readonly BlueprintDefinition[];
  blueprint(name: string): BlueprintDefinition | undefined;

  createJobs(creations: readonly Creation[]): Promise<CreationResult[]>;
  /** Null for an unknown or foreign job. With `waitMs` it holds until the job has ended or the time or `signal` is over. */
  getJob(caller: Caller, jobId: string, wait?: { waitMs: number; signal: AbortSignal }): Promise<JobDetails | null>;
  explain(caller: Caller, jobId: string): Promise<Explanation | null>;
  cancel(caller: Caller, jobId: string): Promise<"accepted" | "sent" | "ended" | "unknown">;
  /** `invalid`: not one of the declared decisions, which `allowed` lists. A wrong token is `unknown`. */
  decide(
    by: Caller | Bearer,
    jobId: string,
    decision: { decision: string; comment: string | null; metadata: Json },
  ): Promise<{ outcome: "accepted" | "closed" | "unknown" | "invalid"; allowed: string[] }>;
  requeue(
    caller: Caller,
    jobId: string,
    order: { state: string | null; patch: Json | undefined },
  ): Promise<{ outcome: "accepted" | "closed" | "unknown" | "invalid_state"; states: string[] }>;
  discard(caller: Caller, jobId: string): Promise<"accepted" | "closed" | "unknown">;
  /** Newest first. Throws `invalid_request` for a cursor that isn't one of ours. */
  listJobs(
    caller: Caller,
    filter: {
      status: JobStatus | null;
      blueprint: string | null;
      limit: number;
      offset: number;
      cursor: string | null;
      quarantine: boolean;
    },
  ): Promise<JobPage>;
  countJobs(caller: Caller): Promise<{ counts: Record<JobStatus, number>; ready: number }>;

  /** `record` is the body as it came, without the fields a worker may not set. */
  registerWorker(workerId: string, record: JsonObject): Promise<void>;
  /** Merges a heartbeat; null for an empty one. Answers the worker's record and the tasks it should stop. */
  heartbeat(workerId: string, changes: JsonObject | null): Promise<{ record: JsonObject; cancelTaskIds: string[] }>;
  /** A sign of life that brings nothing else. */
  heard(workerId: string): void;
  /**
   * Holds until there is a task, `holdMs` are over, a newer poll of the same worker came, or `signal` aborts. While the
   * engine stops it holds too. Null when too many polls are parked.
   */
  poll(workerId: string, options: { limit: number; holdMs: number; signal: AbortSignal }): Promise<Poll | null>;
  results(messages: readonly ResultMessage[]): Promise<ResultVerdict[]>;
  /** `isOwn`: whether the asker may be who holds the task; null for nobody. Others are told `stale`. */
  taskState(isOwn: (holder: string | null) => boolean, taskId: string): Promise<"open" | "cancelled" | "stale">;
  /** A worker may not come any more by the token it came by: its poll is answered with nothing. */
  cutPoll(workerId: string): void;
  /** A worker may not come any more at all: it counts as gone, and what it holds is given back at once. */
  dismissWorker(workerId: string): Promise<void>;
  /** Active workers with what the engine knows of them beside their records. */
  workers(): { id: string; record: JsonObject; seenAt: number; openTasks: number; reputation: number }[];
}

import type { Policy } from "#core/action";
import type { Json, JsonObject } from "#core/json";
import type { JobStatus } from "#core/status";
import type { TaskEnd } from "#core/task";

/** The format of a job's head. A reader keeps what it doesn't know; a newer number is refused. */
const jobFormat = 1;

/**
 * The job as the store sees it: the columns that its fences and indexes need, and the head, which only the
 * core reads. All times are the store's clock in milliseconds since the epoch.
 */
export interface JobRecord {
  id: string;
  blueprint: string;
  owner: string;
  parentId: string | null;
  createdAt: number;
  updatedAt: number;
  endedAt: number | null;
  priority: number;
  status: JobStatus;
  state: string;
  /** Counts the commits; a commit names the version it was computed from. */
  version: number;
  /** The id of the commit that wrote this version, so that its repeat is known. */
  writer: string | null;
  lease: Lease | null;
  /** Leases granted since the last commit: more than one means that runs were lost. */
  runs: number;
  /** Its place in the ready queue, while nobody holds it and a step may be opened; null otherwise. */
  ready: number | null;
  /** The number of the open wait. */
  wait: number | null;
  /** The message that closed the last wait and that no step has consumed yet. */
  event: JobEvent | null;
  /** The id of the message that closed the last wait, so that its repeat is known. */
  closedBy: string | null;
  /** When a timer closes the wait, or when an ended job is removed. */
  due: number | null;
  cancel: { id: string; at: number } | null;
  /** Somebody waits for the end: it rings a bell. */
  watched: boolean;
  progress: Progress | null;
  head: JobHead;
}

/** Who may commit a job's next step. `claim` is the fence: it is new for every grant. */
export interface Lease {
  engine: string;
  claim: string;
  until: number;
}

/** What the core keeps of a job from step to step. */
export interface JobHead {
  format: number;
  /** Counts the states entered; the start is 1. */
  visit: number;
  /** What runs in this visit. */
  entry: "handler" | "aggregator";
  /** Runs of this visit that were committed without leaving it. */
  tries: number;
  /** Exceptions of this visit's handler, against `JOB_MAX_RETRIES`. */
  failures: number;
  /** Runs of this visit lost with their engine, against `JOB_MAX_LOST_RUNS`. */
  lost: number;
  /** The number of the last wait; each wait gets the next one. */
  waits: number;
  waiting: Waiting | null;
  /** The wait whose branches are this visit's `aggregationResults`. */
  results: number | null;
  /** The value that `finish` or an end handler gave; undefined where `stateHistory` is the result. */
  result: { value: Json } | null;
  errorMessage: string | null;
  discardedAt: number | null;
  children: string[];
  /** A parent is resumed once, also if the job is requeued and ends again. */
  parentTold: boolean;
}

/** Written once, at creation. */
export interface JobInitial {
  data: JsonObject;
  client: { id: string; plan: string | null; params: JsonObject };
  metadata: JsonObject | null;
  trace: JsonObject;
  /** The parent's wait that this job's end closes. */
  parentWait: number | null;
  dispatchTimeoutMs: number | null;
  resultTimeoutMs: number | null;
  /** A child's data is held against its blueprint's `inputSchema` when the child first runs. */
  unchecked: boolean;
}

/** What a job waits for. `since` and `until` are milliseconds; `until` is null where no timer ends the wait. */
export type Waiting = { since: number; until: number | null } & (
  | { kind: "worker"; taskType: string; transitions: Record<string, string> }
  | { kind: "branches"; total: number; policy: Policy; aggregateInto: string; onFailure: string | null }
  | { kind: "child"; jobId: string; transitions: Record<string, string> }
  | {
      kind: "human";
      integration: string;
      message: string;
      transitions: Record<string, string>;
      token: string;
      timeoutState: string | null;
    }
  | { kind: "timer"; nextState: string }
  | { kind: "retry"; attempt: number; errorMessage: string }
  | { kind: "blueprint"; reason: string; delayMs: number }
  | { kind: "operator" }
);

/** A message that closes the wait it names. The store fills `due` itself. */
export type JobEvent = { id: string; wait: number } & (
  | { kind: "task"; end: TaskEnd }
  | { kind: "join"; success: boolean; decisive: TaskEnd }
  | { kind: "child"; end: ChildEnd }
  | { kind: "decision"; decision: string; comment: string | null; metadata: Json; decidedBy: string | null; at: number }
  | { kind: "due" }
  | { kind: "requeue"; state: string | null; patch: Json | undefined }
  | { kind: "discard" }
);

export interface ChildEnd {
  jobId: string;
  outcome: "success" | "failure";
  finalState: string;
  result: Json;
  errorMessage: string | null;
}

export interface Progress {
  value: number;
  message: string | null;
  taskId: string;
  updatedAt: number;
}

/** A job to be created; `head` is a fresh one. */
export interface NewJob {
  id: string;
  blueprint: string;
  owner: string;
  parentId: string | null;
  priority: number;
  state: string;
  initial: JobInitial;
  watched: boolean;
}

/** The head of a job that has not run. */
export function freshHead(): JobHead {
  return {
    format: jobFormat,
    visit: 1,
    entry: "handler",
    tries: 0,
    failures: 0,
    lost: 0,
    waits: 0,
    waiting: null,
    results: null,
    result: null,
    errorMessage: null,
    discardedAt: null,
    children: [],
    parentTold: false,
  };
}

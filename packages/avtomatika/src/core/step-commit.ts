import type { JobEvent, JobHead, JobInitial, NewJob } from "#core/job";
import type { JsonObject } from "#core/json";
import type { JobStatus } from "#core/status";
import type { Lane, TaskItem } from "#core/task";

/** Everything that one step changes, written by the store in one atomic call. */
export interface StepCommit {
  jobId: string;
  /** Names this commit: a repeat of it gives the first answer. */
  id: string;
  /** The fences: the lease, the version it was computed from, and whether it knows of a cancel. */
  claim: string;
  version: number;
  cancelSeen: boolean;
  status: JobStatus;
  state: string;
  head: JobHead;
  /** `stateHistory`, when it changed. */
  data: JsonObject | null;
  /** Only for a child whose data was checked at its first run. */
  initial: JobInitial | null;
  /** What the job becomes: still leased, ready for whoever claims it, waiting, or ended for good. */
  next: "keep" | "ready" | "wait" | "ended";
  /** The number of the wait that begins; null where none does. */
  wait: number | null;
  due: number | null;
  endedAt: number | null;
  /** True on entering a state: progress is of the state. */
  resetProgress: boolean;
  /** `once` values of visits before this one are dropped. */
  visit: number;
  join: NewJoin | null;
  children: NewJob[];
  /** Children to cancel. */
  cancelJobs: string[];
  notify: { jobId: string; event: JobEvent } | null;
}

/** A join with its tasks: one task of its own, or groups of branches. */
export interface NewJoin {
  wait: number;
  single: { lane: Lane; item: TaskItem } | null;
  /** Branches, a group per lane, priority and queue timeout. Their items are here or were staged before. */
  groups: {
    lane: Lane;
    priority: number;
    dispatchTimeoutMs: number | null;
    resultDue: number | null;
    count: number;
    items: TaskItem[] | null;
  }[];
  total: number;
  need: number;
  allowed: number;
  graceMs: number;
  trace: JsonObject;
}

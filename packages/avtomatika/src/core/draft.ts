import type { BlueprintDefinition } from "#core/definition";
import type { JobInitial, JobRecord, Lease, NewJob, Waiting } from "#core/job";
import type { JsonObject } from "#core/json";
import type { Settings } from "#core/settings";
import type { JobStatus } from "#core/status";
import type { NewJoin, StepCommit } from "#core/step-commit";

/** What a step may know of the world. */
export interface StepWorld {
  now: number;
  settings: Settings;
  /** In [0, 1). */
  random: () => number;
  /** The job's blueprint; undefined where this engine doesn't know it. */
  definition: BlueprintDefinition | undefined;
}

/** The next record of a job under construction: what is computed here is exactly what is committed. */
export interface Draft {
  readonly world: StepWorld;
  /** The job as it will be; its fences stay as they were read. */
  readonly job: JobRecord;
  data: JsonObject;
  /** `data` as it was read, so that an unchanged one is not written. */
  readonly dataBefore: string;
  /** `data` as the handler got it: what a run that fails goes back to. */
  checkpoint: string;
  /** The text of `data` after the run, once it is known. */
  text: string | null;
  initial: JobInitial;
  readonly initialBefore: JobInitial;
  next: StepCommit["next"];
  entered: boolean;
  join: NewJoin | null;
  children: NewJob[];
  cancelJobs: string[];
  notify: StepCommit["notify"];
}

/** Begins a step on a leased job. The records handed in are the draft's from here on. */
export function beginDraft(held: { job: JobRecord; data: JsonObject; initial: JobInitial }, world: StepWorld): Draft {
  const text = JSON.stringify(held.data);
  return {
    world,
    job: held.job,
    data: held.data,
    dataBefore: text,
    checkpoint: text,
    text: null,
    initial: held.initial,
    initialBefore: held.initial,
    next: "keep",
    entered: false,
    join: null,
    children: [],
    cancelJobs: [],
    notify: null,
  };
}

/** Enters a state: a new visit with budgets of its own. */
export function enter(draft: Draft, state: string, entry: "handler" | "aggregator" = "handler"): void {
  const { job } = draft;
  job.state = state;
  job.head.visit += 1;
  job.head.entry = entry;
  job.head.tries = 0;
  job.head.failures = 0;
  job.head.lost = 0;
  job.head.waiting = null;
  job.head.results = null;
  job.head.errorMessage = null;
  draft.entered = true;
}

/** Begins a wait in this visit; answers its number. `until` is when a timer ends it. */
export function beginWait(draft: Draft, status: JobStatus, waiting: Waiting): number {
  const { job } = draft;
  job.head.waits += 1;
  job.head.tries += job.runs;
  job.head.waiting = waiting;
  job.status = status;
  job.wait = job.head.waits;
  job.due = waiting.until;
  draft.next = "wait";
  return job.head.waits;
}

/** The commit of a finished draft. */
export function toCommit(draft: Draft): StepCommit {
  const { job, next } = draft;
  const { claim } = job.lease as Lease;
  const text = draft.text ?? JSON.stringify(draft.data);
  return {
    jobId: job.id,
    id: `${claim}:${job.version}`,
    claim,
    version: job.version,
    cancelSeen: job.cancel !== null,
    status: next === "keep" || next === "ready" ? "running" : job.status,
    state: job.state,
    head: job.head,
    data: text === draft.dataBefore ? null : draft.data,
    initial: draft.initial === draft.initialBefore ? null : draft.initial,
    next,
    wait: next === "wait" ? job.wait : null,
    due: next === "wait" || next === "ended" ? job.due : null,
    endedAt: job.endedAt,
    resetProgress: draft.entered,
    visit: job.head.visit,
    join: draft.join,
    children: draft.children,
    cancelJobs: draft.cancelJobs,
    notify: draft.notify,
  };
}

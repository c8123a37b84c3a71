import type { JobHead, Waiting } from "#core/job";
import { hasEnded, type JobStatus } from "#core/status";
import type { StepCommit } from "#core/step-commit";
import type { Process } from "#testing/process";

/** What a step of a job came to. Names of the wire's events where it has one. */
export type HistoryEventType =
  | "state_finished"
  | "task_dispatched"
  | "sub_blueprint_started"
  | "approval_requested"
  | "sleep_started"
  | "retry_scheduled"
  | "job_requeued"
  | "job_discarded"
  | "job_finished"
  | "job_failed"
  | "job_cancelled"
  | "job_quarantined";

/** One entry per run of a handler whose outcome was stored, and per end that needed none. */
export interface HistoryEntry {
  state: string;
  eventType: HistoryEventType;
  /** RFC 3339, in virtual time. */
  at: string;
  /** Where the job went, of `state_finished`. */
  nextState?: string;
}

const byWait: Record<Waiting["kind"], HistoryEventType> = {
  worker: "task_dispatched",
  branches: "task_dispatched",
  child: "sub_blueprint_started",
  human: "approval_requested",
  timer: "sleep_started",
  retry: "retry_scheduled",
  blueprint: "retry_scheduled",
  operator: "job_quarantined",
};

/** What happened to each job, read off the commits as the store applies them: a lost run leaves nothing. */
export class Histories {
  readonly #entries = new Map<string, HistoryEntry[]>();
  /** The run of each job whose commit has not come yet. */
  readonly #open = new Map<string, { state: string; process: Process }>();
  readonly #last = new Map<string, string>();

  /** A handler begins to run. */
  ran(jobId: string, state: string, process: Process): void {
    this.#open.set(jobId, { state, process });
  }

  /** A commit was applied at `at` (milliseconds). A repeat of it tells nothing new. */
  committed(commit: StepCommit, at: number): void {
    const { jobId } = commit;
    if (this.#last.get(jobId) === commit.id) return;
    this.#last.set(jobId, commit.id);
    const run = this.#open.get(jobId);
    this.#open.delete(jobId);
    const state = run?.process.alive === true ? run.state : null;
    const time = new Date(at).toISOString();
    const entries = this.of(jobId);
    for (const entry of tell(commit, state)) entries.push({ ...entry, at: time });
    this.#entries.set(jobId, entries);
  }

  of(jobId: string): HistoryEntry[] {
    return [...(this.#entries.get(jobId) ?? [])];
  }
}

function tell(commit: StepCommit, ran: string | null): Omit<HistoryEntry, "at">[] {
  const { status, state, head } = commit;
  if (head.discardedAt !== null) return [{ state, eventType: "job_discarded" }];
  const outcome = outcomeOf(status, head);
  if (ran === null) return [{ state, eventType: outcome ?? "job_requeued" }];
  if (outcome === null) return [{ state: ran, eventType: "state_finished", nextState: state }];
  if (ran === state) return [{ state, eventType: outcome }];
  // The state that was entered ended the job without a handler.
  return [
    { state: ran, eventType: "state_finished", nextState: state },
    { state, eventType: outcome },
  ];
}

/** Null where the job just goes on. */
function outcomeOf(status: JobStatus, head: JobHead): HistoryEventType | null {
  if (hasEnded(status)) return `job_${status as "finished" | "failed" | "cancelled" | "quarantined"}`;
  return head.waiting === null ? null : byWait[head.waiting.kind];
}

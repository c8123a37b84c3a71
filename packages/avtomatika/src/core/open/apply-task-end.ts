import { type Draft, enter } from "#core/draft";
import { endJob } from "#core/end-job";
import type { Waiting } from "#core/job";
import type { JsonObject } from "#core/json";
import { mergeData } from "#core/merge";
import type { Applied } from "#core/open/apply-event";
import { isObject } from "#core/plain-object";
import type { TaskEnd } from "#core/task";

/** A single task's end: the next state through `transitions`, or what its error code says. */
export function applyTaskEnd(draft: Draft, waiting: Extract<Waiting, { kind: "worker" }>, end: TaskEnd): Applied {
  const { transitions } = waiting;
  if (end.status === "failure") return applyFailure(draft, transitions, { ...end, taskType: waiting.taskType });
  if (isObject(end.data)) mergeData(draft.data, end.data as JsonObject);
  const target = own(transitions, end.status);
  enter(draft, target ?? "failed");
  if (target === undefined)
    draft.job.head.errorMessage = `the worker answered status "${end.status}", which transitions don't list`;
  return "open";
}

/**
 * A failure for good. A transition keyed by the code wins; then permanent errors quarantine, invalid input fails,
 * timeouts and the rest take their transition; what nobody declared quarantines, an undeclared dispatch timeout fails.
 */
function applyFailure(draft: Draft, transitions: Record<string, string>, end: TaskEnd): Applied {
  const { code } = errorOf(end);
  const target = own(transitions, code) ?? (isFinal(code) ? undefined : declared(transitions, code));
  if (target === undefined) return endByError(draft, end);
  enter(draft, target);
  setTaskError(draft, taskError(end));
  return "open";
}

function declared(transitions: Record<string, string>, code: string): string | undefined {
  const timedOut = code === "TIMEOUT_ERROR" || code === "DISPATCH_TIMEOUT_ERROR";
  return (timedOut ? own(transitions, "timeout") : undefined) ?? own(transitions, "failure");
}

function isFinal(code: string): boolean {
  return code === "PERMANENT_ERROR" || code === "INVALID_INPUT_ERROR";
}

/** Ends a job by a task's error, where no transition takes it up. */
export function endByError(draft: Draft, end: TaskEnd): Applied {
  const { code, message } = errorOf(end);
  const fails = code === "INVALID_INPUT_ERROR" || code === "DISPATCH_TIMEOUT_ERROR";
  const errorMessage = `task ${end.taskType} failed after ${end.attempt} attempt(s) with ${code}: ${message}`;
  // The run that is counted now never began: the end comes instead of it.
  draft.job.runs -= 1;
  endJob(draft, { status: fails ? "failed" : "quarantined", errorMessage });
  return "closed";
}

/** What a failure looks like in `stateHistory.task_error`. */
export function taskError(end: TaskEnd): JsonObject {
  return {
    ...errorOf(end),
    task_type: end.taskType,
    task_id: end.taskId,
    attempt: end.attempt,
  };
}

/** A failure that was settled has an error, whatever the worker left out. */
function errorOf(end: TaskEnd): { code: string; message: string } {
  return end.error as { code: string; message: string };
}

/** Says to the state that a failure leads to what happened. */
export function setTaskError(draft: Draft, error: JsonObject): void {
  draft.data["task_error"] = error;
}

function own(transitions: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(transitions, key) ? transitions[key] : undefined;
}

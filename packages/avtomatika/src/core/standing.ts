import type { TaskEnd } from "#core/task";

/** What an ended attempt says of its worker: 1 a success, 0 a failure, null nothing (cancelled, or bad input). */
export function standingOf(end: Pick<TaskEnd, "status" | "error">): 0 | 1 | null {
  if (end.status === "cancelled" || end.error?.code === "INVALID_INPUT_ERROR") return null;
  return end.status === "failure" ? 0 : 1;
}

/** Reputation of a worker: (successes + 10) / (attempts + 10), between 0 and 1. */
export function reputation(attempts: number, successes: number): number {
  return (successes + 10) / (attempts + 10);
}

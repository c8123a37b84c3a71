/** A job's status; the last four are ends. */
export type JobStatus =
  | "pending"
  | "running"
  | "waiting_for_worker"
  | "waiting_for_human"
  | "waiting_for_parallel_tasks"
  | "waiting_for_sub_job"
  | "sleeping"
  | "awaiting_retry"
  | "finished"
  | "failed"
  | "cancelled"
  | "quarantined";

const ends: ReadonlySet<unknown> = new Set<JobStatus>(["finished", "failed", "cancelled", "quarantined"]);

/** True for `finished`, `failed`, `cancelled`, `quarantined`. */
export function hasEnded(status: unknown): boolean {
  return ends.has(status);
}

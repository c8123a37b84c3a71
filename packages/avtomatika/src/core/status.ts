/** A job's status, as it stands on the wire. The last four are ends. */
export const jobStatuses = [
  "pending",
  "running",
  "waiting_for_worker",
  "waiting_for_human",
  "waiting_for_parallel_tasks",
  "waiting_for_sub_job",
  "sleeping",
  "awaiting_retry",
  "finished",
  "failed",
  "cancelled",
  "quarantined",
] as const;
export type JobStatus = (typeof jobStatuses)[number];

const ends: ReadonlySet<string> = new Set<JobStatus>(["finished", "failed", "cancelled", "quarantined"]);

/** True for `finished`, `failed`, `cancelled`, `quarantined`. */
export function hasEnded(status: JobStatus): boolean {
  return ends.has(status);
}

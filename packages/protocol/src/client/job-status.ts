import { words } from "#fields";

/** What a job can be; the last four are ends. */
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

export const jobStatus = Object.assign(words(...jobStatuses), { $id: "JobStatus" });

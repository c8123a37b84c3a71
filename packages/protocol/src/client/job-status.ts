import { words } from "#fields";

/** A job's status; the last four are ends. */
export const jobStatus = words(
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
);

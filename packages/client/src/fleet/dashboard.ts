import type { JobStatus } from "#jobs/job-status";

/** How much there is to do. */
export interface Dashboard {
  workers: { total: number; idle: number; busy: number };
  /** `queued` jobs are ready for a handler; the others are counted by their status. */
  jobs: { queued: number } & Partial<Record<JobStatus, number>>;
}

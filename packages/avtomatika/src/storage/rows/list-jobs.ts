import type { JobRecord } from "#core/job";
import type { JobStatus } from "#core/status";
import type { Call } from "#storage/rows/call";
import type { ListJobs } from "#storage/storage";

/** See `Storage.listJobs`. */
export function listJobs(call: Call, input: ListJobs): { jobs: JobRecord[]; more: boolean } {
  const jobs = call.rows.listJobs({ ...input, limit: input.limit + 1 });
  return { jobs: jobs.slice(0, input.limit), more: jobs.length > input.limit };
}

/** See `Storage.countJobs`. */
export function countJobs(
  call: Call,
  input: { owner: string | null },
): { counts: Record<JobStatus, number>; ready: number } {
  return { counts: call.rows.countJobs(input.owner), ready: call.rows.countReady(input.owner) };
}

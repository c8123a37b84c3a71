import type { Json } from "#core/json";
import { hasEnded } from "#core/status";
import type { TaskAddress, TaskResult } from "#core/task";
import type { Call } from "#storage/rows/call";
import { closedTask } from "#storage/rows/close-join";
import { findLane } from "#storage/rows/find-lane";
import type { JobDetails, TaskDetails } from "#storage/storage";

/** See `Storage.getJob`. */
export function getJob(call: Call, input: { jobId: string; watch?: boolean }): { found: JobDetails | null } {
  const job = call.rows.job(input.jobId);
  if (job === undefined) return { found: null };
  if (input.watch === true && !job.watched && !hasEnded(job.status)) {
    job.watched = true;
    call.rows.putJob(job);
  }
  const join = job.wait === null ? undefined : call.rows.join(job.id, job.wait);
  const task = join?.single ? call.rows.task(job.id, join.wait, 0) : undefined;
  const ranges = join === undefined ? [] : call.rows.rangesOf(job.id, join.wait).slice(0, 10);
  const lanes = [...new Set([...(task === undefined ? [] : [task.lane]), ...ranges.map((range) => range.lane)])];
  return {
    found: {
      job,
      data: call.rows.jobData(job.id),
      initial: call.rows.jobInitial(job.id),
      join: join ?? null,
      task: task ?? null,
      lanes: lanes.map((id) => findLane(call, id)),
    },
  };
}

/** See `Storage.getTask`. */
export function getTask(call: Call, input: { address: TaskAddress }): { found: TaskDetails | null } {
  const { jobId, wait, index } = input.address;
  const job = call.rows.job(jobId);
  const join = call.rows.join(jobId, wait);
  if (job === undefined || join === undefined || index >= join.total) return { found: null };
  const stored = call.rows.task(jobId, wait, index);
  const task = stored === undefined ? null : (closedTask(call, stored, join) ?? null);
  return {
    found: {
      task,
      result: call.rows.result(jobId, wait, index) ?? null,
      lane: task === null ? null : findLane(call, task.lane),
      join,
      job: { status: job.status, cancelled: job.cancel !== null, ended: job.endedAt !== null },
    },
  };
}

/** See `Storage.readResults`. */
export function readResults(
  call: Call,
  input: { jobId: string; wait: number; from: number; limit: number },
): { results: TaskResult[]; next: number | null } {
  const { jobId, wait, from, limit } = input;
  // One more than asked for says whether there is another page.
  const found = call.rows.results(jobId, wait, from, limit + 1);
  const results = found.slice(0, limit);
  return { results, next: found.length > limit ? (found[limit] as TaskResult).index : null };
}

/** See `Storage.readOnce`. */
export function readOnce(call: Call, input: { jobId: string; visit: number }): { values: Record<string, Json> } {
  return { values: call.rows.onceValues(input.jobId, input.visit) };
}

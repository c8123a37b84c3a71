import type { TaskAddress } from "#core/task";
import { taskId } from "#core/task";
import type { Call } from "#storage/rows/call";

/** See `Storage.putProgress`: only from the holder of an open lease. */
export function putProgress(
  call: Call,
  input: { entries: { address: TaskAddress; worker: string; value: number; message: string | null }[] },
): { stored: number } {
  let stored = 0;
  for (const { address, worker, value, message } of input.entries) {
    const job = call.rows.job(address.jobId);
    const task = call.rows.task(address.jobId, address.wait, address.index);
    const held = task !== undefined && (task.state === "leased" || task.state === "offered") && task.worker === worker;
    if (job === undefined || !held || task.attempt !== address.attempt || job.wait !== address.wait) continue;
    job.progress = { value, message, taskId: taskId(address), updatedAt: call.now };
    call.rows.putJob(job);
    stored += 1;
  }
  return { stored };
}

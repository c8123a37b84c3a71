import { type Call, wake } from "#storage/rows/call";
import { extendLease, releaseJob } from "#storage/rows/claim-jobs";
import { noteCall } from "#storage/rows/note-call";
import { earliest, putTask } from "#storage/rows/task-state";
import type { ExtendLeases } from "#storage/storage";

/** See `Storage.extendLeases`. */
export function extendLeases(call: Call, input: ExtendLeases): { lost: string[]; cancelled: string[] } {
  noteCall(call, input.silenceMs);
  const lost: string[] = [];
  const cancelled: string[] = [];
  for (const { jobId, claim } of input.jobs) {
    const job = call.rows.job(jobId);
    if (job?.lease?.claim !== claim) {
      lost.push(jobId);
      continue;
    }
    extendLease(call, job, call.now + input.ms);
    if (job.cancel !== null) cancelled.push(jobId);
  }
  for (const { address, claim } of input.confirm) {
    const task = call.rows.task(address.jobId, address.wait, address.index);
    if (task?.state !== "offered" || task.claim !== claim || task.attempt !== address.attempt) continue;
    task.state = "leased";
    task.unconfirmed = 0;
    task.due = earliest(call.now + input.checkMs, task.deadline);
    putTask(call, task);
    wake(call, task.due);
  }
  for (const { jobId, claim } of input.release) {
    const job = call.rows.job(jobId);
    if (job?.lease?.claim === claim) releaseJob(call, job);
  }
  return { lost, cancelled };
}

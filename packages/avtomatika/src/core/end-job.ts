import type { Draft } from "#core/draft";
import { beginWait } from "#core/draft";
import type { ChildEnd, JobHead } from "#core/job";
import type { Json, JsonObject } from "#core/json";

/** How a job ends. `result` is undefined where `stateHistory` is it. */
export type End =
  | { status: "finished"; result: Json | undefined }
  | { status: "failed"; errorMessage: string; result?: Json | undefined }
  | { status: "quarantined"; errorMessage: string }
  | { status: "cancelled"; errorMessage: string };

/** The one way to end a job: its record, its retention, the message to its parent, the cancel of its child. */
export function endJob(draft: Draft, end: End): void {
  const { job, world } = draft;
  const waiting = job.head.waiting;
  if (end.status === "cancelled" && waiting?.kind === "child") draft.cancelJobs.push(waiting.jobId);
  job.endedAt = world.now;
  job.head.result = resultOf(end);
  job.head.errorMessage = end.status === "finished" ? null : end.errorMessage;
  if (end.status === "quarantined") {
    // Only an operator's requeue or discard closes this wait.
    beginWait(draft, "quarantined", { kind: "operator", since: world.now, until: null });
  } else {
    job.status = end.status;
    job.head.waiting = null;
    job.wait = null;
    job.due = world.now + world.settings.retentionMs;
    draft.next = "ended";
  }
  tellParent(draft);
}

function resultOf(end: End): JobHead["result"] {
  if (end.status !== "finished" && end.status !== "failed") return null;
  return end.result === undefined ? null : { value: end.result };
}

/** The job's result as clients see it: the value given, or else `stateHistory`; null for a job that didn't finish. */
export function jobResult(status: string, head: JobHead, data: JsonObject): Json {
  if (head.result !== null) return head.result.value;
  return status === "finished" ? data : null;
}

function tellParent(draft: Draft): void {
  const { job, initial, data } = draft;
  if (job.parentId === null || initial.parentWait === null || job.head.parentTold) return;
  job.head.parentTold = true;
  const end: ChildEnd = {
    jobId: job.id,
    outcome: job.status === "finished" ? "success" : "failure",
    finalState: job.state,
    result: jobResult(job.status, job.head, data),
    errorMessage: job.head.errorMessage,
  };
  draft.notify = {
    jobId: job.parentId,
    event: { id: `child:${job.id}`, wait: initial.parentWait, kind: "child", end },
  };
}

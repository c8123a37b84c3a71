import type { JobView } from "@avtomatika/protocol";
import { jobResult } from "#core/end-job";
import type { Progress } from "#core/job";
import { hasEnded } from "#core/status";
import { instant, instantOrNull } from "#server/answer/instant";
import { waitingFor } from "#server/answer/waiting-for";
import type { JobDetails } from "#storage/storage";

/** A job as its owner and admins see it. `isKnown`: this engine has its blueprint. */
export function jobView(details: JobDetails, isKnown: boolean): JobView {
  const { job, data, initial } = details;
  const { head } = job;
  return {
    id: job.id,
    job_id: job.id,
    blueprint_name: job.blueprint,
    status: job.status,
    current_state: job.state,
    initial_data: initial.data,
    state_history: data,
    result: hasEnded(job.status) ? jobResult(job.status, head, data) : null,
    error_message: head.errorMessage,
    progress: viewProgress(job.progress),
    waiting_for: waitingFor(details, isKnown),
    metadata: initial.metadata,
    parent_job_id: job.parentId,
    child_job_ids: head.children,
    child_job_id: head.children.at(-1) ?? null,
    created_at: instant(job.createdAt),
    updated_at: instant(job.updatedAt),
    ended_at: instantOrNull(job.endedAt),
    ...(head.discardedAt !== null && { discarded_at: instant(head.discardedAt) }),
  };
}

function viewProgress(progress: Progress | null): JobView["progress"] {
  if (progress === null) return null;
  const { value, message, taskId, updatedAt } = progress;
  return { value, message, task_id: taskId, updated_at: instant(updatedAt) };
}

/** The named fields of a view, and its `id`; names that it doesn't have are ignored. */
export function narrow(view: JobView, fields: string | undefined): Partial<JobView> {
  if (fields === undefined) return view;
  const wanted = new Set(["id", ...fields.split(",").map((field) => field.trim())]);
  return Object.fromEntries(Object.entries(view).filter(([field]) => wanted.has(field)));
}

import type { JobEntry } from "@avtomatika/protocol";
import type { JobRecord } from "#core/job";
import { instant, instantOrNull } from "#server/answer/instant";

/** A job in a list. */
export function jobEntry(job: JobRecord): JobEntry {
  return {
    id: job.id,
    job_id: job.id,
    blueprint_name: job.blueprint,
    status: job.status,
    current_state: job.state,
    error_message: job.head.errorMessage,
    parent_job_id: job.parentId,
    created_at: instant(job.createdAt),
    updated_at: instant(job.updatedAt),
    ended_at: instantOrNull(job.endedAt),
  };
}

import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { TaskRecord } from "#core/task";
import { copy } from "#storage/memory/copy";

// Copies of what the caches hold. Written out field by field, they take a sixth of the time that parsing the JSON
// or a general copy takes, and each call of the port makes several. A new field that is an object belongs here.

export function copyJob(job: JobRecord): JobRecord {
  const { lease, cancel, progress, head } = job;
  return {
    ...job,
    lease: lease && { ...lease },
    event: copy(job.event),
    cancel: cancel && { ...cancel },
    progress: progress && { ...progress },
    head: { ...head, waiting: copy(head.waiting), result: copy(head.result), children: [...head.children] },
  };
}

export function copyTask(task: TaskRecord): TaskRecord {
  const { item, past } = task;
  const { params, retry, declared } = item;
  return {
    ...task,
    past: past.map((attempt) => ({ ...attempt })),
    item: { ...item, params: copy(params), retry: { ...retry }, declared: [...declared] },
  };
}

export function copyJoin(join: JoinRecord): JoinRecord {
  return { ...join, trace: copy(join.trace) };
}

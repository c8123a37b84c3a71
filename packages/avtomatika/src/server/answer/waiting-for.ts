import type { WaitingFor } from "@avtomatika/protocol";
import type { Waiting } from "#core/job";
import { hasEnded } from "#core/status";
import { type TaskRecord, taskId } from "#core/task";
import { instant, instantOrNull } from "#server/answer/instant";
import type { JobDetails } from "#storage/storage";

const phases = {
  queued: "queued",
  delayed: "backoff",
  offered: "leased",
  leased: "leased",
  revoked: "leased",
  withdrawn: "queued",
} as const;

/** Where the bearer of a wait's token decides. */
function decisionPath(jobId: string): string {
  return `/_public/webhooks/approval/${jobId}`;
}

/**
 * What a job waits for; null for one that has ended, or whose handler runs. `isKnown`: this engine has its blueprint.
 */
export function waitingFor(details: JobDetails, isKnown: boolean): WaitingFor | null {
  const { job } = details;
  if (hasEnded(job.status)) return null;
  const { waiting } = job.head;
  if (job.wait !== null && waiting !== null) return describeWait(details, waiting);
  if (job.lease !== null) return null;
  const span = { since: instant(job.updatedAt), until: null };
  if (isKnown) return { kind: "slot", ...span };
  return { kind: "blueprint", ...span, reason: `no engine that looked at this job knows blueprint "${job.blueprint}"` };
}

function describeWait(details: JobDetails, waiting: Waiting): WaitingFor | null {
  const { job, join } = details;
  const span = { since: instant(waiting.since), until: instantOrNull(waiting.until) };
  switch (waiting.kind) {
    case "worker":
      return { kind: "worker", ...span, ...describeTask(details, waiting.taskType) };
    case "branches": {
      const { ok, failed } = join ?? { ok: 0, failed: 0 };
      const { total, policy } = waiting;
      return { kind: "branches", ...span, total, open: total - ok - failed, succeeded: ok, failed, policy };
    }
    case "child":
      return { kind: "child", ...span, job_id: waiting.jobId };
    case "human": {
      const { integration, message, transitions, token } = waiting;
      const decisions = Object.keys(transitions);
      return { kind: "human", ...span, integration, message, decisions, token, path: decisionPath(job.id) };
    }
    case "timer":
      return { kind: "timer", ...span, next_state: waiting.nextState };
    case "retry":
      return { kind: "retry", ...span, attempt: waiting.attempt, error_message: waiting.errorMessage };
    case "blueprint":
      return { kind: "blueprint", ...span, reason: waiting.reason };
    case "operator":
      return null;
  }
}

/** A task that nobody has looked at yet has no record of its own. */
function describeTask({ job, task }: JobDetails, taskType: string) {
  if (task === null) {
    const first = taskId({ jobId: job.id, wait: job.wait as number, index: 0, attempt: 1 });
    return { task_id: first, task_type: taskType, attempt: 1, phase: phases.queued, worker_id: null };
  }
  const phase = phases[task.state];
  return {
    task_id: taskId(task),
    task_type: taskType,
    attempt: task.attempt,
    phase,
    worker_id: phase === "leased" ? task.worker : null,
    until: instantOrNull(endOf(task)),
  };
}

function endOf(task: TaskRecord): number | null {
  return phases[task.state] === "leased" ? task.deadline : task.due;
}

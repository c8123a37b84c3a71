import type { BlueprintDefinition } from "#core/definition";
import { match } from "#core/match";
import { hasEnded } from "#core/status";
import type { Lane } from "#core/task";
import type { KnownWorker } from "#engine/known-worker";
import type { Explanation } from "#engine/orchestrator";
import type { JobDetails } from "#storage/storage";

export interface ExplainWorld {
  now: number;
  maxRetries: number;
  blueprint: (name: string) => BlueprintDefinition | undefined;
  /** Those that were heard of lately. */
  workers: readonly KnownWorker[];
}

/** Why a job is where it is, in words and as data. */
export function explain(details: JobDetails, world: ExplainWorld): Explanation {
  const { job, task } = details;
  const isQueued = details.lanes.length > 0 && (task === null || task.state === "queued");
  const workers = isQueued ? world.workers.map((worker) => judgeWorker(worker, details.lanes)) : [];
  return {
    job: details,
    summary: summarise(details, world, workers),
    nextTimer: task?.due ?? (job.endedAt === null ? job.due : null),
    attemptsLeft: attemptsLeft(details, world),
    workers,
  };
}

function attemptsLeft({ job, task }: JobDetails, world: ExplainWorld): number | null {
  if (hasEnded(job.status)) return null;
  if (task !== null) return Math.max(0, task.item.retry.maxRetries + 1 - task.attempt);
  return Math.max(0, world.maxRetries - job.head.failures);
}

function judgeWorker(worker: KnownWorker, lanes: readonly Lane[]): Explanation["workers"][number] {
  const reasons: string[] = [];
  let eligible = false;
  for (const lane of lanes) {
    const verdict = match(worker.view, lane);
    if (verdict.eligible) eligible = true;
    else reasons.push(...verdict.reasons);
  }
  if (!eligible) return { workerId: worker.id, eligible, reasons: [...new Set(reasons)] };
  const { maxConcurrentTasks } = worker.view;
  const isFull = worker.openTasks.size >= maxConcurrentTasks;
  const full = `it holds ${worker.openTasks.size} of at most ${maxConcurrentTasks} tasks`;
  return { workerId: worker.id, eligible: !isFull, reasons: isFull ? [full] : [] };
}

function summarise(details: JobDetails, world: ExplainWorld, workers: Explanation["workers"]): string {
  const { job } = details;
  if (hasEnded(job.status)) {
    const reason = job.head.errorMessage === null ? "" : `: ${job.head.errorMessage}`;
    return `The job is ${job.status} in state "${job.state}"${reason}.`;
  }
  if (job.cancel !== null)
    return "The job was cancelled and ends as soon as its handler returns, or its grace is over.";
  if (job.wait === null) return summariseReady(details, world);
  const { waiting } = job.head;
  const until = waiting?.until == null ? "" : `, until ${new Date(waiting.until).toISOString()}`;
  switch (waiting?.kind) {
    case "worker":
      return summariseTask(details, waiting.taskType, workers);
    case "branches": {
      const { join } = details;
      const open = join === null ? waiting.total : join.total - join.ok - join.failed;
      const state = `The job waits for ${open} of ${waiting.total} branches (${join?.ok ?? 0} succeeded, ${join?.failed ?? 0} failed).`;
      return details.lanes.length === 0 ? state : `${state} ${summariseWorkers(workers, details.lanes)}`;
    }
    case "child":
      return `The job waits for its child ${waiting.jobId} to end.`;
    case "human":
      return `The job waits for a decision by ${waiting.integration} (one of ${Object.keys(waiting.transitions).join(", ")})${until}.`;
    case "timer":
      return `The job sleeps${until}, then goes on to "${waiting.nextState}".`;
    case "retry":
      return `The handler of "${job.state}" runs again (attempt ${waiting.attempt})${until}: ${waiting.errorMessage}.`;
    case "blueprint":
      return `The job is put off${until}: ${waiting.reason}. Start an engine that knows it, cancel the job, or requeue it with a state.`;
    default:
      return `The job waits in state "${job.state}".`;
  }
}

function summariseReady({ job }: JobDetails, world: ExplainWorld): string {
  if (job.lease !== null) return `The handler of state "${job.state}" runs now.`;
  if (world.blueprint(job.blueprint) === undefined)
    return `The job waits for an engine that knows blueprint "${job.blueprint}".`;
  return "The job is ready and waits for a free slot of an engine.";
}

function summariseTask(details: JobDetails, taskType: string, workers: Explanation["workers"]): string {
  const { task } = details;
  if (task === null) return `The job waits for task "${taskType}".`;
  const until = task.due === null ? "" : `, until ${new Date(task.due).toISOString()}`;
  if (task.state === "delayed")
    return `Task "${taskType}" failed and is tried again (attempt ${task.attempt})${until}.`;
  if (task.state !== "queued") return `Worker ${task.worker} works on task "${taskType}" (attempt ${task.attempt}).`;
  return `Task "${taskType}" is queued. ${summariseWorkers(workers, details.lanes)}`;
}

function summariseWorkers(workers: Explanation["workers"], lanes: readonly Lane[]): string {
  const types = [...new Set(lanes.map((lane) => `"${lane.type}"`))].join(", ");
  if (workers.length === 0) return `No worker supports ${types}: none is online.`;
  const eligible = workers.filter((worker) => worker.eligible).length;
  if (eligible > 0) return `${eligible} worker(s) could take it and will when they ask.`;
  const supports = workers.some(({ reasons }) => !reasons.some((reason) => reason.startsWith("it doesn't support")));
  return supports ? "No worker that supports it may take it now: see workers." : `No worker supports ${types}.`;
}

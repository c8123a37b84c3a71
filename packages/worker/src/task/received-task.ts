import type { ClockOffset } from "#engine/clock-offset";

/** A task as it was handed out. */
export interface ReceivedTask {
  readonly taskId: string;
  readonly jobId: string;
  readonly type: string;
  readonly params: unknown;
  readonly attempt: number;
  readonly deadline: Date;
}

const endOfTime = 8.64e15;

/** Reads a task of the wire; undefined if it has no ids, so that nothing can be answered to it. */
export function readTask(value: unknown, clock: ClockOffset): ReceivedTask | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { task_id: taskId, job_id: jobId, type, params, attempt, deadline } = value as Record<string, unknown>;
  if (!isId(taskId) || !isId(jobId)) return undefined;
  const end = typeof deadline === "number" ? clock.toLocal(deadline * 1000) : endOfTime;
  return {
    taskId,
    jobId,
    type: typeof type === "string" ? type : "",
    params: params ?? {},
    attempt: typeof attempt === "number" ? attempt : 1,
    deadline: new Date(Math.min(end, endOfTime)),
  };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

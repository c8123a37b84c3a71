import type { Json } from "#core/json";
import { retryDelay } from "#core/retry";
import { type Answer, type TaskEnd, type TaskRecord, taskId } from "#core/task";

/** What a worker, or the engine in its place, says of an attempt. */
export interface Report {
  status: string;
  data: Json;
  error: { code: string; message: string } | null;
}

/** What happens to a task by a report: it is done, or the attempt is and another follows at `at`. */
export type Settling =
  | { kind: "done"; ok: boolean; end: TaskEnd; answer: Answer }
  | { kind: "retry"; at: number; end: TaskEnd; answer: Answer };

/** Codes after which another attempt would not help. */
const finalCodes: ReadonlySet<string> = new Set(["PERMANENT_ERROR", "INVALID_INPUT_ERROR", "DISPATCH_TIMEOUT_ERROR"]);

/** True for a report that needs the task's own settings to be judged: anything but a success. */
export function needsTask(report: Report): boolean {
  return report.status === "failure" || report.status === "cancelled";
}

/** A success: nothing of the task has to be known but its id. */
export function settleSuccess(address: Parameters<typeof taskId>[0], report: Report): Settling {
  return { kind: "done", ok: true, end: endOf(address, report, null), answer: "success" };
}

/**
 * Judges a failure or an unasked `cancelled`: a declared transition for it ends the task, as do final codes and the
 * end of the retry budget or of the result timeout; everything else is tried again with backoff.
 *
 * @param taskType of the task's lane, for messages
 * @param random in [0, 1)
 */
export function settleFailure(
  task: TaskRecord,
  taskType: string,
  report: Report,
  now: number,
  random: number,
): Settling {
  const { item, attempt } = task;
  const answer = report.status === "cancelled" ? "cancelled" : "failure";
  if (report.status === "cancelled" && item.declared.includes("cancelled")) {
    return { kind: "done", ok: true, end: endOf(task, report, taskType), answer };
  }
  const failed: Report = report.status === "cancelled" ? unaskedCancel : report;
  const code = failed.error?.code ?? "TRANSIENT_ERROR";
  const end = endOf(task, { ...failed, error: failed.error ?? { code, message: "no message" } }, taskType);
  const overdue = item.resultDue !== null && item.resultDue <= now;
  const again = !item.declared.includes(code) && !finalCodes.has(code) && !overdue && attempt <= item.retry.maxRetries;
  if (!again) return { kind: "done", ok: false, end, answer };
  return { kind: "retry", at: now + retryDelay(item.retry, attempt, random), end, answer };
}

const unaskedCancel: Report = {
  status: "failure",
  data: null,
  error: { code: "TRANSIENT_ERROR", message: "the worker cancelled the task though nobody had asked" },
};

function endOf(address: Parameters<typeof taskId>[0], report: Report, taskType: string | null): TaskEnd {
  return {
    taskId: taskId(address),
    firstTaskId: taskId({ ...address, attempt: 1 }),
    taskType,
    index: address.index,
    attempt: address.attempt,
    status: report.status,
    data: report.data,
    error: report.error,
    workerId: null,
  };
}

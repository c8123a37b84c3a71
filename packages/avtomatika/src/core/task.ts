import type { Requirements, Strategy } from "#core/action";
import type { Json, JsonObject } from "#core/json";
import type { RetryPolicy } from "#core/retry";

/** The format of a stored task. */
export const taskFormat = 1;

/** Which tasks a worker may take is judged once per lane, never per task. */
export interface Lane {
  /** The canonical text of the four fields below. */
  id: string;
  type: string;
  requirements: Requirements | null;
  maxCost: number | null;
  strategy: Strategy;
}

/** What is stored of one task while it waits: a handler's TaskSpec with every default filled in. */
export interface TaskItem {
  index: number;
  params: JsonObject;
  priority: number;
  /** From hand-out to result. */
  timeoutMs: number;
  /** How long an attempt may be queued; null for ever. */
  dispatchTimeoutMs: number | null;
  /** `result_timeout`: when the task ends whatever attempt is open. */
  resultDue: number | null;
  retry: RetryPolicy;
  /** The statuses and codes that the handler declared transitions for; none for a branch. */
  declared: string[];
}

/**
 * One task outside of its range: queued, out, or between attempts. It is fenced by its attempt and its worker,
 * never by the job's lease.
 */
export interface TaskRecord {
  format: number;
  jobId: string;
  wait: number;
  index: number;
  attempt: number;
  lane: string;
  score: number;
  /** `revoked`: its join was closed while a worker held it. `withdrawn`: only what its attempts were answered is left. */
  state: "queued" | "delayed" | "offered" | "leased" | "revoked" | "withdrawn";
  /** Counts the changes; an engine that judges a due task names the one it saw. */
  rev: number;
  /** When an engine has to look at it. */
  due: number | null;
  /** Who holds it or, while it is queued again, who held this attempt last. */
  worker: string | null;
  /** The call that handed it out, so that its repeat is known. */
  claim: string | null;
  /** Hand-outs of this attempt that no engine confirmed. */
  unconfirmed: number;
  /** When the lease ends: told to the worker. */
  deadline: number | null;
  queuedAt: number;
  leasedAt: number | null;
  past: PastAttempt[];
  item: TaskItem;
}

/** An attempt whose result was applied. */
export interface PastAttempt {
  attempt: number;
  worker: string | null;
  answer: Answer;
}
export type Answer = "success" | "failure" | "cancelled";

/** How a task ended for good, or how one attempt ended. */
export interface TaskEnd {
  taskId: string;
  /** The id of the first attempt: the key in `aggregationResults`. */
  firstTaskId: string;
  /** Null where nobody had to read the task: a success is settled by its id alone. */
  taskType: string | null;
  index: number;
  attempt: number;
  status: string;
  data: Json;
  error: { code: string; message: string } | null;
  workerId: string | null;
}

/** What is left of a task that was settled. */
export interface TaskResult {
  jobId: string;
  wait: number;
  index: number;
  end: TaskEnd;
  past: PastAttempt[];
}

export interface TaskAddress {
  jobId: string;
  wait: number;
  index: number;
  attempt: number;
}

/** The id a task has on the wire: it routes to its job and its shard without a look-up. */
export function taskId(address: TaskAddress): string {
  return `${address.jobId}_${address.wait}_${address.index}_${address.attempt}`;
}

/** The address in a task id, or null for a text that is none. */
export function parseTaskId(id: string): TaskAddress | null {
  const match = /^([A-Za-z0-9-]{1,64})_(\d{1,15})_(\d{1,15})_(\d{1,15})$/.exec(id);
  if (match === null) return null;
  const [, jobId, wait, index, attempt] = match as unknown as [string, string, string, string, string];
  return { jobId, wait: Number(wait), index: Number(index), attempt: Number(attempt) };
}

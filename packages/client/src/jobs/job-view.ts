import { camelCase } from "#http/camel-case";
import { AvtomatikaError } from "#http/errors";
import type { JobStatus } from "#jobs/job-status";
import { readWaitingFor, type WaitingFor } from "#jobs/waiting-for";

// biome-ignore lint/suspicious/noExplicitAny: user data, typed by who knows it, as in the engine's own context
export type UserData = Record<string, any>;

/** A job as its owner sees it. Times are RFC 3339 in UTC; data of users is exactly what the engine has. */
export interface JobView<Input extends object = UserData, Result = UserData> {
  id: string;
  jobId: string;
  blueprintName: string;
  status: JobStatus;
  currentState: string;
  initialData: Input;
  stateHistory: UserData;
  /** Null until the job has finished; an end state may leave one of a failed job. */
  result: Result | null;
  errorMessage: string | null;
  progress: JobProgress | null;
  waitingFor: WaitingFor | null;
  metadata: UserData | null;
  parentJobId: string | null;
  childJobIds: string[];
  /** The last of them. */
  childJobId: string | null;
  createdAt: string;
  updatedAt: string;
  endedAt: string | null;
  /** Only of a discarded job. */
  discardedAt?: string;
}

/** What the worker of the open task last told. */
export interface JobProgress {
  /** From 0 to 1. */
  value: number;
  message: string | null;
  taskId: string;
  updatedAt: string;
}

/** From the wire: only names of the engine's are changed. Throws `bad_answer`. */
export function readJobView<Input extends object, Result>(body: unknown): JobView<Input, Result> {
  if (typeof body !== "object" || body === null || !("status" in body)) {
    throw new AvtomatikaError(`expected a job, got ${JSON.stringify(body)}`, { status: 200, code: "bad_answer" });
  }
  const view = camelCase(body);
  view["waitingFor"] = readWaitingFor(view["waitingFor"]);
  if (view["progress"] != null) view["progress"] = camelCase(view["progress"]);
  return view as unknown as JobView<Input, Result>;
}

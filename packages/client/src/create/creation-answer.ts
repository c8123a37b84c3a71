import { AvtomatikaError } from "#http/errors";
import type { Answer } from "#http/read-answer";

/** Entries of a batch are refused without a status: it follows from the code. */
const statuses: Readonly<Record<string, number>> = {
  idempotency_conflict: 409,
  conflict: 409,
  limit_exceeded: 413,
  quota_exceeded: 429,
  rate_limited: 429,
  store_unavailable: 503,
};

/** The id of a created job. Throws `bad_answer`. */
export function readJobId({ status, body }: Pick<Answer, "status" | "body">): string {
  const { job_id: jobId } = (body ?? {}) as { job_id?: unknown };
  if (typeof jobId === "string") return jobId;
  throw new AvtomatikaError(`expected a job_id, got ${JSON.stringify(body)}`, { status, code: "bad_answer" });
}

/** The ids and refusals of a batch of `count`, in order. Throws `bad_answer`. */
export function readBatch({ status, body }: Answer, count: number): (string | AvtomatikaError)[] {
  const { jobs } = (body ?? {}) as { jobs?: unknown };
  if (Array.isArray(jobs) && jobs.length === count) return jobs.map((entry) => readEntry(entry, status));
  throw new AvtomatikaError(`expected ${count} jobs, got ${JSON.stringify(body)}`, { status, code: "bad_answer" });
}

function readEntry(entry: Record<string, unknown>, status: number): string | AvtomatikaError {
  if (entry?.["status"] !== "rejected") return readJobId({ status, body: entry });
  const code = String(entry["code"]);
  return new AvtomatikaError(String(entry["error"]), { status: statuses[code] ?? 400, code });
}

import { messageOf, PermanentError } from "#task/errors";

/** What a store refused with; s3mini's errors have these fields. */
interface Refusal {
  status?: unknown;
  serviceCode?: unknown;
  cause?: unknown;
}

/** Whether the store has no such object, bucket or upload. */
export function isMissing(error: unknown): boolean {
  return (error as Refusal | null)?.status === 404;
}

/** Whether it may go well next time: no answer, a fault of the store, or too many requests. */
export function isPassing(error: unknown): boolean {
  if (error instanceof PermanentError) return false;
  const status = (error as Refusal | null)?.status;
  return typeof status !== "number" || status >= 500 || status === 408 || status === 429;
}

/** Why a transfer failed, in words: `403 AccessDenied`, `connect ECONNREFUSED 127.0.0.1:9000`. */
export function transferProblem(error: unknown): string {
  const { status, serviceCode, cause } = (error ?? {}) as Refusal;
  if (typeof status === "number") return [status, serviceCode].filter((part) => part !== undefined).join(" ");
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return messageOf(inner ?? error);
}

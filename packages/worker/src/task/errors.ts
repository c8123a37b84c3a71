/** Thrown by a handler: what went wrong may go well next time. The engine tries again, with a pause in between. */
export class TransientError extends Error {
  readonly code = "TRANSIENT_ERROR";
  override readonly name = "TransientError";
}

/** Thrown by a handler: it would go wrong again. The engine puts the job into quarantine at once. */
export class PermanentError extends Error {
  readonly code = "PERMANENT_ERROR";
  override readonly name = "PermanentError";
}

/** Thrown by a handler: the params are wrong. The job fails at once. */
export class InvalidInputError extends Error {
  readonly code = "INVALID_INPUT_ERROR";
  override readonly name = "InvalidInputError";
}

/** What a worker's failure is called on the wire. */
export type FailureCode = "TRANSIENT_ERROR" | "PERMANENT_ERROR" | "INVALID_INPUT_ERROR" | "TIMEOUT_ERROR";

const thrown: readonly unknown[] = ["TRANSIENT_ERROR", "PERMANENT_ERROR", "INVALID_INPUT_ERROR"];

/** By the code and not by the class, which may be there twice in one program. Whatever else is thrown is transient. */
export function codeOf(error: unknown): FailureCode {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return thrown.includes(code) ? (code as FailureCode) : "TRANSIENT_ERROR";
}

/** The text of whatever was thrown; never throws itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error && typeof error.message === "string") return error.message || error.name;
  try {
    return String(error);
  } catch {
    return "something was thrown that has no text";
  }
}

/** Thrown by a worker's function: what went wrong may go well next time. The engine tries again, after a pause. */
export class TransientError extends Error {
  readonly code = "TRANSIENT_ERROR";
  override readonly name = "TransientError";
}

/** Thrown by a worker's function: it would go wrong again. The engine puts the job into quarantine at once. */
export class PermanentError extends Error {
  readonly code = "PERMANENT_ERROR";
  override readonly name = "PermanentError";
}

/** Thrown by a worker's function: the params are wrong. The job fails at once. */
export class InvalidInputError extends Error {
  readonly code = "INVALID_INPUT_ERROR";
  override readonly name = "InvalidInputError";
}

const thrown: readonly unknown[] = ["TRANSIENT_ERROR", "PERMANENT_ERROR", "INVALID_INPUT_ERROR"];

/** By the code and not by the class: the worker SDK's errors count too. Whatever else is thrown is transient. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return thrown.includes(code) ? (code as string) : "TRANSIENT_ERROR";
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

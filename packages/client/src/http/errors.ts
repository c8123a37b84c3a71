/** What an `AvtomatikaError` carries. */
export interface ErrorParts {
  status?: number;
  code: string;
  details?: readonly string[] | undefined;
  requestId?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** Every error of this package: a refusal by the engine, or a call that got no answer. */
export class AvtomatikaError extends Error {
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The engine's word for it (`not_found`, `idempotency_conflict` …), or one of this package's (`network_error` …). */
  readonly code: string;
  /** Single problems, where there are several. */
  readonly details: readonly string[] | undefined;
  /** Under this id the engine's log knows the request. */
  readonly requestId: string | undefined;
  /** How long the engine asked to stay away, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { status = 0, code, details, requestId, retryAfterMs, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Time is over: for a job to end (`jobId` says which), or for the engine to answer. Its code is `timeout`. */
export class TimeoutError extends AvtomatikaError {
  /** The job that was waited for, as far as it is known. */
  readonly jobId: string | undefined;

  constructor(message: string, { jobId, cause }: { jobId?: string | undefined; cause?: unknown } = {}) {
    super(message, { code: "timeout", cause });
    this.jobId = jobId;
  }
}

/** The error of a call that is wrong in itself: nothing was sent. */
export function invalidArgument(message: string, cause?: unknown): AvtomatikaError {
  return new AvtomatikaError(message, { code: "invalid_argument", cause });
}

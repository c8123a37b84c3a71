import { AvtomatikaError, type ErrorCode } from "#core/errors";

/** A refusal that ends by itself: it is answered with `Retry-After`. */
export class TooManyError extends AvtomatikaError {
  /** Whole ones, at least 1. */
  readonly retryAfterSeconds: number;

  constructor(code: ErrorCode, message: string, retryAfterMs: number) {
    super(code, message);
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
}

/** `quota_exceeded`, until the month is over. */
export function overQuota(retryAfterMs: number): TooManyError {
  return new TooManyError("quota_exceeded", "the client has created all the jobs that it may this month", retryAfterMs);
}

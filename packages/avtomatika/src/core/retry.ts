/** Exponential backoff with full jitter. */
export interface RetryPolicy {
  /** How many attempts may follow the first one. */
  maxRetries: number;
  delayMs: number;
  maxDelayMs: number;
  factor: number;
}

/** The pause before retry number `retry` (1 for the first), in milliseconds; `random` is in [0, 1). */
export function retryDelay(policy: RetryPolicy, retry: number, random: number): number {
  // Without this a late retry multiplies 0 by infinity.
  if (policy.delayMs === 0) return 0;
  const ceiling = Math.min(policy.maxDelayMs, policy.delayMs * policy.factor ** (retry - 1));
  return Math.round(ceiling * random);
}

/** The pause before a run that follows a lost one (the second lost run on), in milliseconds. */
export function lostRunDelay(lost: number, random: number): number {
  return lost <= 1 ? 0 : Math.round(Math.min(60_000, 1000 * 2 ** (lost - 2)) * random);
}

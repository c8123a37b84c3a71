import { checkOptions } from "#http/check-options";
import { invalidArgument } from "#http/errors";

/** How often and how patiently a call is repeated where that is safe. */
export interface RetryOptions {
  /** Repeats after the first try; 8 by default, 0 for none. */
  maxRetries?: number | undefined;
  /** The bound of the first pause in milliseconds; 100 by default. */
  delayMs?: number | undefined;
  /** The bound of any pause in milliseconds; 10,000 by default. */
  maxDelayMs?: number | undefined;
  /** The longest `Retry-After` in milliseconds that is waited for; past it the call rejects at once. 60,000 by default. */
  maxRetryAfterMs?: number | undefined;
  /** What each pause's bound is multiplied by; 2 by default. */
  factor?: number | undefined;
}

export interface RetryPolicy {
  maxRetries: number;
  delayMs: number;
  maxDelayMs: number;
  maxRetryAfterMs: number;
  factor: number;
}

const defaults: RetryPolicy = { maxRetries: 8, delayMs: 100, maxDelayMs: 10_000, maxRetryAfterMs: 60_000, factor: 2 };

/** The options with their defaults; `false` is no retry. Throws `invalid_argument`. */
export function retryPolicy(options: RetryOptions | false = {}): RetryPolicy {
  if (options === false) return { ...defaults, maxRetries: 0 };
  checkOptions("retry", options, Object.keys(defaults));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    if (typeof value !== "number" || !(value >= 0)) {
      throw invalidArgument(`retry.${key}: expected a number of at least 0, got ${String(value)}`);
    }
  }
  return { ...defaults, ...Object.fromEntries(given) };
}

/**
 * The pause before a repeat in milliseconds, with full jitter: `random` is from 0 to 1, `retries` counts those before it.
 * After a `Retry-After` that time comes first. Null if the engine asks for more than the policy has.
 */
export function retryPause(
  retries: number,
  policy: RetryPolicy,
  random: number,
  retryAfterMs: number | undefined,
): number | null {
  const bound = Math.min(policy.delayMs * policy.factor ** retries, policy.maxDelayMs);
  if (retryAfterMs === undefined) return random * bound;
  return retryAfterMs > policy.maxRetryAfterMs ? null : retryAfterMs + random * bound;
}

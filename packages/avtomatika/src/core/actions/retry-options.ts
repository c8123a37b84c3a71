import { Options } from "#core/actions/options";
import type { RetryPolicy } from "#core/retry";

/** How the attempts of a task follow each other: exponential backoff with full jitter. */
export interface RetryOptions {
  /** How many attempts may follow the first; default `JOB_MAX_RETRIES`, 0 is one attempt. */
  maxRetries?: number | undefined;
  /** The ceiling of the first pause; default 1. */
  delaySeconds?: number | undefined;
  /** The ceiling of every pause; default 60. */
  maxDelaySeconds?: number | undefined;
  /** How the ceiling grows from pause to pause, 1 or more; default 2. */
  factor?: number | undefined;
}

const known: ReadonlySet<string> = new Set(["maxRetries", "delaySeconds", "maxDelaySeconds", "factor"]);

/** What of a retry policy is given. `call` is how messages call the options. Throws `invalid_argument`. */
export function readRetry(call: string, value: unknown): Partial<RetryPolicy> {
  const options = new Options(call, value, known);
  const policy: Record<keyof RetryPolicy, number | null> = {
    maxRetries: options.number("maxRetries", "an integer, 0 or more", (n) => Number.isSafeInteger(n) && n >= 0),
    delayMs: options.duration("delaySeconds"),
    maxDelayMs: options.duration("maxDelaySeconds"),
    factor: options.number("factor", "a number, 1 or more", (n) => n >= 1),
  };
  return Object.fromEntries(Object.entries(policy).filter(([, given]) => given !== null));
}

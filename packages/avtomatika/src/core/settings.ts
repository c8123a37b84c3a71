import type { RetryPolicy } from "#core/retry";

/** What the core has to know of the configuration. Times are milliseconds. */
export interface Settings {
  /** Of handlers, and of tasks that say nothing: `JOB_MAX_RETRIES`, 1 s doubling to 60 s. */
  retry: RetryPolicy;
  maxLostRuns: number;
  retentionMs: number;
  cancelGraceMs: number;
  /** From hand-out to result, for tasks that say nothing. */
  workerTimeoutMs: number;
  /** How long a worker may be silent before its leases end. */
  livenessMs: number;
  /** How long an offer waits for its confirmation. */
  offerMs: number;
  /** How much later what ran out while no engine could see it is judged. */
  recoveryGraceMs: number;
  maxStateBytes: number;
}

export const defaultSettings: Settings = {
  retry: { maxRetries: 3, delayMs: 1000, maxDelayMs: 60_000, factor: 2 },
  maxLostRuns: 10,
  retentionMs: 604_800_000,
  cancelGraceMs: 30_000,
  workerTimeoutMs: 300_000,
  livenessMs: 120_000,
  offerMs: 10_000,
  recoveryGraceMs: 30_000,
  maxStateBytes: 64 * 1024 * 1024,
};

import type { Logger } from "#core/logger";

/** So many jobs are remembered at most. */
const maxJobs = 10_000;

/** Logs a condition that threw once per job and counts all of them. */
export class WarnOnce {
  readonly #logger: Logger;
  readonly #warned = new Set<string>();
  /** How many conditions threw. */
  count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(jobId: string, condition: string, error: unknown): void {
    this.count += 1;
    if (this.#warned.has(jobId)) return;
    if (this.#warned.size >= maxJobs) this.#warned.clear();
    this.#warned.add(jobId);
    this.#logger.warn({ err: error, jobId, condition }, "a condition threw: it counts as no match");
  }

  forget(jobId: string): void {
    this.#warned.delete(jobId);
  }
}

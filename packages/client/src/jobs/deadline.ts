import { invalidArgument, TimeoutError } from "#http/errors";

/** The longest that the engine is asked to hold an answer. */
const longestHoldMs = 30_000;
/** The engine's answer at the deadline may still come: cutting it off would cost the connection. */
const graceMs = 250;
/** Not worth a request. */
const shortestMs = 5;

/** How long somebody waits for a job. */
export class Deadline {
  /** The caller's, and the end of all patience; its reason is a TimeoutError. */
  readonly signal: AbortSignal | undefined;
  /** For the message, once it is known. */
  jobId: string | undefined;
  readonly #timeoutMs: number;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  /** Without `timeoutMs` it never comes. Throws `invalid_argument`. */
  constructor(timeoutMs: number | undefined, signal: AbortSignal | undefined) {
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      throw invalidArgument(`timeoutMs: expected a number of at least 0, got ${String(timeoutMs)}`);
    }
    this.#timeoutMs = timeoutMs ?? Number.POSITIVE_INFINITY;
    if (!(this.#timeoutMs < 2 ** 31 - graceMs)) {
      this.signal = signal;
      return;
    }
    const controller = new AbortController();
    this.#timer = setTimeout(() => controller.abort(this.error()), this.#timeoutMs + graceMs);
    this.signal = signal === undefined ? controller.signal : AbortSignal.any([controller.signal, signal]);
  }

  get isOver(): boolean {
    return this.#leftMs() < shortestMs;
  }

  /** How long the engine may hold the next answer, in whole milliseconds. */
  holdMs(): number {
    return Math.ceil(Math.max(0, Math.min(longestHoldMs, this.#leftMs())));
  }

  error(): TimeoutError {
    const job = this.jobId === undefined ? "the job" : `job ${this.jobId}`;
    return new TimeoutError(`${job} has not ended after ${this.#timeoutMs} ms`, { jobId: this.jobId });
  }

  /** Always to be called. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #leftMs(): number {
    return this.#timeoutMs - (performance.now() - this.#began);
  }
}

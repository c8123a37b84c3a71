import { waitedMs } from "./thread-time.ts";

/** How often the loop is looked at. */
const everyMs = 5;

/**
 * How long the event loop was blocked at a time: by computing and by waiting for the disk, without the time that
 * `excusedMs` counts up meanwhile and without the time in which other processes had the core.
 */
export class LoopDelay {
  readonly #excusedMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #last = { at: performance.now(), excused: 0, waited: waitedMs() };
  #blocks: number[] = [];
  #longestWithOthers = 0;

  constructor(excusedMs: () => number) {
    this.#excusedMs = excusedMs;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  reset(): void {
    this.#look();
    this.#blocks = [];
    this.#longestWithOthers = 0;
  }
  /** `withOthersMs`: the longest with the time that others had. */
  read(): { longestMs: number; withOthersMs: number; p99: number } {
    this.#look();
    const sorted = [...this.#blocks].sort((a, b) => a - b);
    return {
      longestMs: sorted.at(-1) ?? 0,
      withOthersMs: this.#longestWithOthers,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = { at: performance.now(), excused: this.#excusedMs(), waited: waitedMs() };
    const withOthers = Math.max(0, now.at - this.#last.at - everyMs - (now.excused - this.#last.excused));
    this.#blocks.push(Math.max(0, withOthers - (now.waited - this.#last.waited)));
    this.#longestWithOthers = Math.max(this.#longestWithOthers, withOthers);
    this.#last = now;
  }
}

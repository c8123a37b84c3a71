/** How often the loop is looked at. */
const everyMs = 5;

/** How long the event loop was blocked at a time, without the time that `excused` counts up meanwhile. */
export class LoopDelay {
  readonly #excused: () => number;
  #last = performance.now();
  #lastExcused: number;
  #longest = 0;
  #blocks: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(excused: () => number) {
    this.#excused = excused;
    this.#lastExcused = excused();
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  reset(): void {
    this.#look();
    this.#longest = 0;
    this.#blocks = [];
  }
  read(): { longestMs: number; over100: number; p99: number } {
    this.#look();
    const sorted = [...this.#blocks].sort((a, b) => a - b);
    return {
      longestMs: this.#longest,
      over100: sorted.filter((ms) => ms > 100).length,
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const excused = this.#excused();
    const blocked = Math.max(0, now - this.#last - everyMs - (excused - this.#lastExcused));
    this.#last = now;
    this.#lastExcused = excused;
    this.#blocks.push(blocked);
    this.#longest = Math.max(this.#longest, blocked);
  }
}

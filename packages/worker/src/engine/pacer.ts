/** Beats that may come at once after a rest. */
const burst = 5;
/** And then one in this time: together at most 18 within any second, where engines allow 20. */
const everyMs = 80;

/** Says how long to wait before the next call, so that no moment has too many of them. */
export class Pacer {
  readonly #now: () => number;
  /** When the calls so far are used up, if one is worth `everyMs`. */
  #paidUntil = Number.NEGATIVE_INFINITY;
  #closedUntil = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** In milliseconds. */
  waitMs(): number {
    const open = Math.max(this.#closedUntil, this.#paidUntil - (burst - 1) * everyMs);
    return Math.max(0, open - this.#now());
  }

  /** A call is made. */
  count(): void {
    this.#paidUntil = Math.max(this.#paidUntil, this.#now()) + everyMs;
  }

  /** No call for so long: the engine asked for it. */
  close(ms: number): void {
    this.#closedUntil = this.#now() + ms;
  }
}

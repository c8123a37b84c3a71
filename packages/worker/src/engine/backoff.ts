const firstMs = 200;
const longestMs = 5000;
const longestAskedMs = 60_000;

/** Pauses between tries: 0.2 s, doubling up to 5 s, each shortened by up to a half at random, so that a fleet spreads out. */
export class Backoff {
  #failures = 0;

  /** The pause after one more failure, in milliseconds. What the engine asked for with `Retry-After` is kept, up to a minute. */
  next(askedMs: number | null = null): number {
    const full = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    return Math.max(full * (0.5 + Math.random() / 2), Math.min(askedMs ?? 0, longestAskedMs));
  }

  /** It went well: the next pause is a short one again. */
  reset(): void {
    this.#failures = 0;
  }
}

import type { RateLimit } from "#core/rate-share";

/** What one principal has left of its allowance. */
export interface Allowance {
  tokens: number;
  at: number;
}

/**
 * The allowances of an engine. One that was never used has filled up since the engine has its seat: who comes first
 * after a restart finds little, so that restarts give nothing away.
 */
export class Allowances {
  readonly #own: RateLimit;
  /** Whoever isn't known was forgotten before then at the latest. */
  #forgotten = Number.NEGATIVE_INFINITY;

  constructor(own: RateLimit) {
    this.#own = own;
  }

  fresh(): Allowance {
    return { tokens: 0, at: this.#forgotten };
  }

  /** Uses one token, if there is one. `since`: since when the engine has its seat, null without one. */
  use(allowance: Allowance, now: number, since: number | null): boolean {
    if (since === null || this.#own.burst === 0) return false;
    const tokens = this.#tokensAt(allowance, now, since);
    if (tokens < 1) return false;
    allowance.tokens = tokens - 1;
    allowance.at = now;
    return true;
  }

  /** Forgets one: whoever comes anew has no more than it would have had. */
  forget(allowance: Allowance, now: number, since: number | null): void {
    if (since === null || this.#own.burst === 0) return;
    const missing = this.#own.burst - this.#tokensAt(allowance, now, since);
    if (missing <= 0) return;
    const tokens = this.#own.burst - missing;
    this.#forgotten = Math.max(this.#forgotten, now - (tokens * 1000) / this.#own.perSecond);
  }

  /** What was left when a seat was lost is void. */
  #tokensAt({ tokens, at }: Allowance, now: number, since: number): number {
    const from = Math.max(at, since);
    const left = at < since ? 0 : tokens;
    return Math.min(this.#own.burst, left + ((now - from) * this.#own.perSecond) / 1000);
  }
}

/** What the store answered. All times are the engine's own. */
export interface Answer {
  now: number;
  granted: number;
  /** Until when what was granted may be used. */
  until: number;
  /** Until when there is no use in asking again. */
  shutUntil: number;
  /** It is shut because the store didn't answer. */
  away: boolean;
}

/** The tokens of one principal that this engine has from the store, and how many more it will want. */
export class Portion {
  readonly #lifeMs: number;
  #left = 0;
  #until = Number.NEGATIVE_INFINITY;
  #shut: { until: number; away: boolean } = { until: Number.NEGATIVE_INFINITY, away: false };
  #asking: Promise<boolean> | null = null;
  #waiting = 0;
  /** Calls of this life of a portion and of the one before: what the next life will want. */
  #calls = 0;
  #callsBefore = 0;
  #since = Number.NEGATIVE_INFINITY;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** Counts a call, whatever becomes of it. */
  note(now: number): void {
    const lives = (now - this.#since) / this.#lifeMs;
    if (lives >= 1) {
      this.#callsBefore = lives < 2 ? this.#calls : 0;
      this.#calls = 0;
      this.#since = now;
    }
    this.#calls += 1;
  }

  use(now: number): boolean {
    if (this.#left === 0 || now >= this.#until) return false;
    this.#left -= 1;
    return true;
  }

  /** For how long nothing is to be had; null if the store could be asked. */
  shut(now: number): { forMs: number; away: boolean } | null {
    const { until, away } = this.#shut;
    return now < until ? { forMs: until - now, away } : null;
  }

  /** Asks for the next portion, once for all who wait; true if something could be done with the answer. */
  async ask(take: (want: number) => Promise<Answer>): Promise<boolean> {
    this.#waiting += 1;
    try {
      this.#asking ??= this.#ask(take);
      return await this.#asking;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** As many as wait now, and as many as came lately. */
  async #ask(take: (want: number) => Promise<Answer>): Promise<boolean> {
    const waiting = this.#waiting;
    try {
      const { now, granted, until, shutUntil, away } = await take(
        waiting + Math.max(this.#callsBefore, this.#calls - waiting),
      );
      this.#left = granted;
      this.#until = until;
      this.#shut = { until: shutUntil, away };
      return (granted > 0 && now < until) || now < shutUntil;
    } finally {
      this.#asking = null;
    }
  }
}

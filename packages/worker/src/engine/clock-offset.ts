/** A `Date` header is cut to seconds and travels a while: less than this may be nothing at all. */
const noticeableMs = 2000;

/** How far this machine's clock is from the engine's. Deadlines are the engine's, and a worker's clock may be minutes off. */
export class ClockOffset {
  #aheadMs = 0;

  /** The `Date` header of an answer that came just now. */
  observe(date: string | undefined, now: number = Date.now()): void {
    const sent = date === undefined ? Number.NaN : Date.parse(date);
    if (Number.isNaN(sent)) return;
    const ahead = now - (sent + 500);
    this.#aheadMs = Math.abs(ahead) < noticeableMs ? 0 : ahead;
  }

  /** An instant of the engine's clock in milliseconds, by this machine's. */
  toLocal(engineMs: number): number {
    return engineMs + this.#aheadMs;
  }
}

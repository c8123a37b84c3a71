import type { MetaRows } from "#storage/rows/rows";

/** Counters of one shard in memory. */
export class MemoryMeta implements MetaRows {
  readonly #counters = new Map<string, number>();
  #lastCall: number | null = null;

  next(counter: "sequence" | "lane" | "worker"): number {
    const value = (this.#counters.get(counter) ?? 0) + 1;
    this.#counters.set(counter, value);
    return value;
  }
  lastCall(): number | null {
    return this.#lastCall;
  }
  setLastCall(now: number): void {
    this.#lastCall = now;
  }
}

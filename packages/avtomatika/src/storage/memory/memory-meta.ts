import type { Outage } from "#core/judge-due";
import type { MetaRows } from "#storage/rows/rows";

/** Counters of one shard in memory. */
export class MemoryMeta implements MetaRows {
  readonly #counters = new Map<string, number>();
  #lastCall: number | null = null;
  #outages: readonly Outage[] = [];

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
  outages(): Outage[] {
    return this.#outages.map((outage) => ({ ...outage }));
  }
  putOutages(outages: readonly Outage[]): void {
    this.#outages = outages.map((outage) => ({ ...outage }));
  }
}

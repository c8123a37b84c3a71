import { seats } from "#core/rate-share";
import { isAway, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

const seatMs = 30_000;
const renewMs = seatMs / 2;
/** A seat that is over is free again at once. */
const limit = { perSecond: 1_000_000, burst: seats };

/**
 * The right to let a little through without asking the store. So many engines have it at a time: it is a portion of
 * a bucket, one token that lives for half a minute, and goes by itself with an engine that dies.
 */
export class Seat {
  readonly #options: { storage: Pick<Storage, "takeTokens">; caller: StoreCaller; world: World };
  #since = 0;
  #until = Number.NEGATIVE_INFINITY;

  constructor(options: { storage: Pick<Storage, "takeTokens">; caller: StoreCaller; world: World }) {
    this.#options = options;
  }

  /** Since when it is held without a gap, by the engine's own clock; null without it. */
  since(now: number): number | null {
    return now < this.#until ? this.#since : null;
  }

  /** Renews it when half of it is over, or tries to take one: there may be none, or no store that answers. */
  async keep(): Promise<void> {
    const asked = this.#options.world.elapsed();
    if (this.#until - asked > renewMs || !(await this.#take())) return;
    const now = this.#options.world.elapsed();
    if (now >= this.#until) this.#since = now;
    this.#until = asked + seatMs;
  }

  async #take(): Promise<boolean> {
    const { storage, caller } = this.#options;
    const take = { shard: 0, key: '["seat"]', limit, want: 1, lifeMs: seatMs };
    try {
      return (await caller.call(() => storage.takeTokens(take), 0)).granted === 1;
    } catch (error) {
      if (isAway(error)) return false;
      throw error;
    }
  }
}

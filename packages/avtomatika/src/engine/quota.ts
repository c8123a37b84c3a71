import { shardOfKey } from "#core/job-id";
import { type Month, monthOf } from "#core/month";
import { isAway, requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { Storage } from "#storage/storage";

export interface QuotaOptions {
  storage: Storage;
  caller: StoreCaller;
  /** The zone whose calendar months are counted, an IANA name. */
  timeZone: string;
}

/** What became of a charge. */
export interface Charged {
  ids: ReadonlySet<string>;
  /** How long it takes until the month is over. */
  retryAfterMs: number;
}

/** Monthly quotas: what is to be created is charged before, and given back if it wasn't. */
export class Quota {
  readonly #options: QuotaOptions;
  #month: Month = { id: "", from: 0, to: 0 };

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /** Charges jobs in order, until the limit. What was charged when the store went away stays charged. */
  async charge(owner: string, limit: number, jobIds: string[]): Promise<Charged> {
    const { caller, storage } = this.#options;
    for (let now = caller.clock.now(); ; ) {
      const period = this.#monthAt(now);
      const input = { shard: this.#shardOf(owner), owner, period, limit, jobIds };
      const reply = await caller.call(() => storage.chargeQuota(input), requestPatienceMs);
      if (reply.outcome === "charged") return { ids: new Set(reply.charged), retryAfterMs: period.to - reply.now };
      // The month ended on the way, or this engine's clock had not heard of it yet.
      now = reply.now;
    }
  }

  /** Gives units back. If the store doesn't answer they are lost to their owner: rather one too few than one too many. */
  async refund(owner: string, jobIds: string[]): Promise<void> {
    const { caller, storage } = this.#options;
    const input = { shard: this.#shardOf(owner), jobIds };
    try {
      await caller.call(() => storage.refundQuota(input), requestPatienceMs);
    } catch (error) {
      if (!isAway(error)) throw error;
    }
  }

  #monthAt(now: number): Month {
    if (now < this.#month.from || now >= this.#month.to) this.#month = monthOf(now, this.#options.timeZone);
    return this.#month;
  }

  #shardOf(owner: string): number {
    return shardOfKey(owner, this.#options.storage.shards);
  }
}

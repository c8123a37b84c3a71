import { shardOfKey } from "#core/job-id";
import { type RateLimit, type RateShare, shareOf } from "#core/rate-share";
import { type Allowance, Allowances } from "#engine/rate/allowance";
import { type Answer, Portion } from "#engine/rate/portion";
import type { Seat } from "#engine/rate/seat";
import type { Admission } from "#engine/rate-limiter";
import { isAway, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

export interface KindLimiterOptions {
  storage: Pick<Storage, "shards" | "takeTokens">;
  caller: StoreCaller;
  world: World;
  kind: string;
  limit: RateLimit;
  seat: Seat;
}

interface Principal {
  allowance: Allowance;
  portion: Portion;
}

/** So many principals are remembered, the ones that called last. */
const mostPrincipals = 20_000;
/** A store that was away is not asked again for the same principal within it. */
const awayMs = 500;
/** An answer that comes after the portion's life is of no use: so often it is asked for again. */
const tries = 3;

/** Keeps one kind of limit. */
export class KindLimiter {
  readonly #options: KindLimiterOptions;
  readonly #share: RateShare;
  readonly #allowances: Allowances;
  /** Those that called longest ago first. */
  readonly #principals = new Map<string, Principal>();

  constructor(options: KindLimiterOptions) {
    this.#options = options;
    this.#share = shareOf(options.limit);
    this.#allowances = new Allowances(this.#share.own);
  }

  /** How many principals are remembered. */
  get size(): number {
    return this.#principals.size;
  }

  async admit(name: string): Promise<Admission> {
    const { world, seat } = this.#options;
    const { allowance, portion } = this.#find(name);
    if (this.#allowances.use(allowance, world.elapsed(), seat.since(world.elapsed()))) return { outcome: "admitted" };
    portion.note(world.elapsed());
    for (let left = tries; ; ) {
      if (portion.use(world.elapsed())) return { outcome: "admitted" };
      const shut = portion.shut(world.elapsed());
      if (shut !== null) return shut.away ? { outcome: "away" } : this.#limited(shut.forMs);
      const wasUseful = await portion.ask((want) => this.#take(name, want));
      if (!wasUseful) left -= 1;
      if (left === 0) return { outcome: "away" };
    }
  }

  #limited(retryAfterMs: number): Admission {
    return { outcome: "limited", retryAfterMs, limit: this.#options.limit };
  }

  /** Asks the store once. */
  async #take(name: string, wanted: number): Promise<Answer> {
    const { storage, caller, world, kind } = this.#options;
    const { shared: limit, lifeMs } = this.#share;
    const key = JSON.stringify([kind, name]);
    const want = Math.min(wanted, Math.floor(limit.burst));
    const input = { shard: shardOfKey(key, storage.shards), key, limit, want, lifeMs };
    // Counted from before the call, a portion is over here before it is over in the store.
    const until = world.elapsed() + lifeMs;
    try {
      const { granted, waitMs } = await caller.call(() => storage.takeTokens(input), 0);
      const now = world.elapsed();
      // Who is over the limit is told so for half a life without asking: the bucket fills up meanwhile.
      const shutUntil = granted < want ? now + Math.max(waitMs, lifeMs / 2) : now;
      return { now, granted, until, shutUntil, away: false };
    } catch (error) {
      if (!isAway(error)) throw error;
      const now = world.elapsed();
      return { now, granted: 0, until, shutUntil: now + awayMs, away: true };
    }
  }

  #find(name: string): Principal {
    const known = this.#principals.get(name);
    if (known !== undefined) this.#principals.delete(name);
    const principal = known ?? { allowance: this.#allowances.fresh(), portion: new Portion(this.#share.lifeMs) };
    this.#principals.set(name, principal);
    if (this.#principals.size > mostPrincipals) this.#forgetOldest();
    return principal;
  }

  #forgetOldest(): void {
    const [name, { allowance }] = this.#principals.entries().next().value as [string, Principal];
    const { world, seat } = this.#options;
    this.#allowances.forget(allowance, world.elapsed(), seat.since(world.elapsed()));
    this.#principals.delete(name);
  }
}

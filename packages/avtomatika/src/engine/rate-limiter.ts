import type { RateLimit } from "#core/rate-share";
import { KindLimiter } from "#engine/rate/kind-limiter";
import { Seat } from "#engine/rate/seat";
import type { StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

/** What is counted, each for itself: a client's creations and its other calls, a worker's heartbeats, an address's failures. */
export type RateKind = "creation" | "client" | "heartbeat" | "unauthenticated";

/** The limits of an engine; null for none of that kind. */
export type RateLimits = Readonly<Record<RateKind, RateLimit | null>>;

/** `away`: only the store could say, and it doesn't answer. */
export type Admission =
  | { outcome: "admitted" }
  | { outcome: "limited"; retryAfterMs: number; limit: RateLimit }
  | { outcome: "away" };

export interface RateLimiterOptions {
  storage: Pick<Storage, "shards" | "takeTokens">;
  caller: StoreCaller;
  world: World;
  limits: RateLimits;
}

/**
 * Lets calls through as long as their principal's limit holds, over all engines of a store: see
 * docs/decisions/0006. Most calls are answered from what the engine has; a principal that uses more than its allowance
 * costs a store call or two a second.
 */
export class RateLimiter {
  readonly #kinds = new Map<RateKind, KindLimiter>();
  readonly #seat: Seat;

  constructor({ limits, ...base }: RateLimiterOptions) {
    this.#seat = new Seat(base);
    for (const [kind, limit] of Object.entries(limits) as [RateKind, RateLimit | null][]) {
      if (limit !== null) this.#kinds.set(kind, new KindLimiter({ ...base, kind, limit, seat: this.#seat }));
    }
  }

  /** False where there is nothing to limit. */
  get isOn(): boolean {
    return this.#kinds.size > 0;
  }

  /** How many principals are remembered: bounded for each kind. */
  get size(): number {
    return [...this.#kinds.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Uses one call of a principal, if it has one left now. */
  async admit(kind: RateKind, principal: string): Promise<Admission> {
    return this.#kinds.get(kind)?.admit(principal) ?? { outcome: "admitted" };
  }

  /** To be called every few seconds: keeps this engine's seat, or takes one. */
  async keepSeat(): Promise<void> {
    if (this.isOn) await this.#seat.keep();
  }
}

import { AvtomatikaError } from "#core/errors";
import type { StoreClock } from "#engine/store-clock";
import type { World } from "#engine/world";

/** How long an outage lasts before it counts as one: what ran out in a shorter one is judged as usual. */
const outageMs = 5000;

/**
 * Calls the store again while it is away: every call may be repeated. Counts the outages that were long enough for
 * leases to have run out unseen.
 */
export class StoreCaller {
  readonly clock: StoreClock;
  readonly #world: World;
  readonly #onReturn: (outage: { from: number; to: number }) => void;
  #awaySince: number | null = null;
  /** Calls that were not answered yet, repeats of one counting once. */
  underWay = 0;
  #stopped = false;

  constructor(world: World, clock: StoreClock, onReturn: (outage: { from: number; to: number }) => void) {
    this.#world = world;
    this.clock = clock;
    this.#onReturn = onReturn;
  }

  /** From here on nothing is repeated. */
  stop(): void {
    this.#stopped = true;
  }

  /** Repeats `call` until it answers, at most for `patienceMs`; then rejects with `store_unavailable`. */
  async call<T extends { now: number }>(call: () => Promise<T>, patienceMs: number): Promise<T> {
    this.underWay += 1;
    try {
      return await this.#repeat(call, patienceMs);
    } finally {
      this.underWay -= 1;
    }
  }

  async #repeat<T extends { now: number }>(call: () => Promise<T>, patienceMs: number): Promise<T> {
    const begun = this.#world.elapsed();
    for (let pause = 20; ; pause = Math.min(pause * 2, 1000)) {
      try {
        const reply = await call();
        this.#answered(reply.now);
        return reply;
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#awaySince ??= this.clock.now();
        if (this.#stopped || this.#world.elapsed() - begun + pause > patienceMs) throw error;
        await new Promise<void>((resolve) => this.#world.after(pause * (0.5 + this.#world.random() / 2), resolve));
      }
    }
  }

  #answered(now: number): void {
    this.clock.hear(now);
    if (this.#awaySince === null) return;
    const from = this.#awaySince;
    this.#awaySince = null;
    if (now - from > outageMs) this.#onReturn({ from, to: now });
  }
}

/** The store didn't answer: the call may or may not have been applied. */
export function isAway(error: unknown): boolean {
  return error instanceof AvtomatikaError && error.code === "store_unavailable";
}

/** For work that nobody outside waits for. */
export const forever = Number.POSITIVE_INFINITY;
/** For requests. */
export const requestPatienceMs = 5000;
/** For results: a worker that is refused may lose its work. */
export const resultPatienceMs = 60_000;

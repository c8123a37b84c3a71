import { AvtomatikaError } from "#core/errors";
import type { StoreClock } from "#engine/store-clock";
import type { World } from "#engine/world";

/** Calls the store again while it is away: every call may be repeated. */
export class StoreCaller {
  readonly clock: StoreClock;
  readonly #world: World;
  /** Calls that were not answered yet, repeats of one counting once. */
  underWay = 0;
  #stopped = false;

  constructor(world: World, clock: StoreClock) {
    this.#world = world;
    this.clock = clock;
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
        this.clock.hear(reply.now);
        return reply;
      } catch (error) {
        if (!isAway(error)) throw error;
        if (this.#stopped || this.#world.elapsed() - begun + pause > patienceMs) throw error;
        await new Promise<void>((resolve) => this.#world.after(pause * (0.5 + this.#world.random() / 2), resolve));
      }
    }
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

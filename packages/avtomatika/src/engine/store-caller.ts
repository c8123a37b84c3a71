import { AvtomatikaError } from "#core/errors";
import type { StoreClock } from "#engine/store-clock";
import type { World } from "#engine/world";

/** Told once when the store doesn't answer any more, and once when it does again. */
export interface StoreTidings {
  away(error: unknown): void;
  back(): void;
}

/** Calls the store again while it is away: every call may be repeated. */
export class StoreCaller {
  readonly clock: StoreClock;
  readonly #world: World;
  readonly #tidings: StoreTidings | undefined;
  /** Calls that were not answered yet, repeats of one counting once. */
  underWay = 0;
  #stopped = false;
  #isAway = false;

  constructor(world: World, clock: StoreClock, tidings?: StoreTidings) {
    this.#world = world;
    this.#tidings = tidings;
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
        this.#note(false, null);
        return reply;
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#note(true, error);
        if (this.#stopped || this.#world.elapsed() - begun + pause > patienceMs) throw error;
        await new Promise<void>((resolve) => this.#world.after(pause * (0.5 + this.#world.random() / 2), resolve));
      }
    }
  }

  #note(isAwayNow: boolean, error: unknown): void {
    if (this.#isAway === isAwayNow) return;
    this.#isAway = isAwayNow;
    if (isAwayNow) this.#tidings?.away(error);
    else this.#tidings?.back();
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

import type { World } from "#engine/world";

/** The store's clock, as its replies told it, moved on by the engine's own monotonic time. */
export class StoreClock {
  readonly #world: World;
  #told = 0;
  #at = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes over the time of a reply. */
  hear(now: number): void {
    this.#told = now;
    this.#at = this.#world.elapsed();
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#told + Math.floor(this.#world.elapsed() - this.#at);
  }
}

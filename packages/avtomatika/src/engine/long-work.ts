import type { World } from "#engine/world";

/** How long a piece of work may hold the loop. */
const holdMs = 20;

/**
 * Work of many calls in a row. A store that answers at once never lets the loop turn: between two calls everybody else
 * gets it, once the work has held it for a while.
 */
export class LongWork {
  readonly #world: World;
  #since: number;

  constructor(world: World) {
    this.#world = world;
    this.#since = world.elapsed();
  }

  async pause(): Promise<void> {
    if (this.#world.elapsed() - this.#since < holdMs) return;
    await new Promise<void>((resolve) => this.#world.after(0, resolve));
    this.#since = this.#world.elapsed();
  }
}

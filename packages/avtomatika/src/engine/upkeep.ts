import type { World } from "#engine/world";

/** Something that is done again and again while the engine lives. */
export interface Chore {
  name: string;
  everyMs: number;
  run: () => Promise<void>;
}

/** Does chores, each in its own rhythm, never two runs of one at once. A chore that fails is done again next time. */
export class Upkeep {
  readonly #world: World;
  readonly #chores: readonly Chore[];
  readonly #onError: (chore: string, error: unknown) => void;
  readonly #stops = new Map<Chore, () => void>();
  #stopped = false;

  constructor(world: World, chores: readonly Chore[], onError: (chore: string, error: unknown) => void) {
    this.#world = world;
    this.#chores = chores;
    this.#onError = onError;
  }

  start(): void {
    for (const chore of this.#chores) this.#plan(chore);
  }
  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops.values()) stop();
  }

  #plan(chore: Chore): void {
    if (this.#stopped || chore.everyMs === Number.POSITIVE_INFINITY) return;
    const again = this.#world.after(chore.everyMs, () => {
      chore
        .run()
        .catch((error: unknown) => this.#onError(chore.name, error))
        .finally(() => this.#plan(chore));
    });
    this.#stops.set(chore, again);
  }
}

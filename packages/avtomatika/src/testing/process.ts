import type { World } from "#engine/world";
import type { Random } from "#testing/random";
import type { VirtualTime } from "#testing/virtual-time";

/** A simulated process: it can be paused, so that nothing reaches it, and killed, so that nothing ever does. */
export class Process {
  readonly #time: VirtualTime;
  #alive = true;
  #paused = false;
  #held: (() => void)[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get alive(): boolean {
    return this.#alive;
  }
  get paused(): boolean {
    return this.#paused;
  }

  /** Lets something reach the process: at once, after its pause, or never. */
  enter(action: () => void): void {
    if (!this.#alive) return;
    if (this.#paused) this.#held.push(action);
    else action();
  }
  after(ms: number, action: () => void): () => void {
    return this.#time.after(ms, () => this.enter(action));
  }

  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    for (const action of this.#held.splice(0)) this.enter(action);
  }
  kill(): void {
    this.#alive = false;
    this.#held = [];
  }
}

/** The engine's surroundings in simulated time. Its own clock goes at a `pace` that need not be the store's: 1 is exact. */
export function simulatedWorld(process: Process, time: VirtualTime, random: Random, pace = 1): World {
  const begun = time.now();
  return {
    elapsed: () => begun + (time.now() - begun) * pace,
    random: () => random.next(),
    after: (ms, action) => (ms === Number.POSITIVE_INFINITY ? () => {} : process.after(ms / pace, action)),
    uuid: () => random.uuid(),
    token: () => random.uuid(),
  };
}

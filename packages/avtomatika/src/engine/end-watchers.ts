import type { World } from "#engine/world";

/** Requests that hold until a job has ended. */
export class EndWatchers {
  readonly #world: World;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The job has ended, or somebody should look whether it has. */
  ring(jobId: string): void {
    for (const wake of [...(this.#waiting.get(jobId) ?? [])]) wake();
  }

  /** Looks again at every job that somebody waits for: bells may have been lost. */
  ringAll(): void {
    for (const jobId of [...this.#waiting.keys()]) this.ring(jobId);
  }

  /** `done` resolves when the job rings, after `ms`, when `signal` aborts, or on `stop`. */
  watch(jobId: string, ms: number, signal: AbortSignal): { done: Promise<void>; stop: () => void } {
    const waiting = this.#waiting.get(jobId) ?? new Set();
    this.#waiting.set(jobId, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => {
      stopTimer();
      signal.removeEventListener("abort", stop);
      waiting.delete(stop);
      if (waiting.size === 0 && this.#waiting.get(jobId) === waiting) this.#waiting.delete(jobId);
      resolve();
    };
    const stopTimer = this.#world.after(ms, stop);
    signal.addEventListener("abort", stop);
    waiting.add(stop);
    return { done: promise, stop };
  }
}

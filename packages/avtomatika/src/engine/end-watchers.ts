import type { World } from "#engine/world";
import type { JobDetails } from "#storage/storage";

type Wake = (details: JobDetails | null) => void;

/** Requests that hold until a job has ended. */
export class EndWatchers {
  readonly #world: World;
  readonly #waiting = new Map<string, Set<Wake>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The job has ended as `details` say; without them somebody should look whether it has. */
  ring(jobId: string, details: JobDetails | null = null): void {
    for (const wake of [...(this.#waiting.get(jobId) ?? [])]) wake(details);
  }

  /** Looks again at every job that somebody waits for: bells may have been lost. */
  ringAll(): void {
    for (const jobId of [...this.#waiting.keys()]) this.ring(jobId);
  }

  /**
   * `done` resolves when the job rings, after `ms`, when `signal` aborts, or on `stop`: with the ended job where it is
   * known, else with null.
   */
  watch(jobId: string, ms: number, signal: AbortSignal): { done: Promise<JobDetails | null>; stop: () => void } {
    const waiting = this.#waiting.get(jobId) ?? new Set();
    this.#waiting.set(jobId, waiting);
    const { promise, resolve } = Promise.withResolvers<JobDetails | null>();
    const wake = (details: JobDetails | null): void => {
      stopTimer();
      signal.removeEventListener("abort", stop);
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(jobId) === waiting) this.#waiting.delete(jobId);
      resolve(details);
    };
    const stop = (): void => wake(null);
    const stopTimer = this.#world.after(ms, stop);
    signal.addEventListener("abort", stop);
    waiting.add(wake);
    return { done: promise, stop };
  }
}

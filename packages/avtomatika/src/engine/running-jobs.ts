/** Why a run's outcome doesn't count any more. */
export type Interruption = "cancelled" | "lost" | "stopping";

/** One leased job in this engine. */
export class Run {
  readonly jobId: string;
  readonly claim: string;
  /** Resolves when the run's first step was committed, or the run is over. */
  readonly firstCommit: Promise<void>;
  readonly committed: () => void;
  /** The first visit whose handler ran under this lease. */
  firstVisit: number | null = null;
  readonly #abort = new AbortController();
  #interruption: Interruption | null = null;
  #listeners: (() => void)[] = [];

  constructor(jobId: string, claim: string) {
    this.jobId = jobId;
    this.claim = claim;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.firstCommit = promise;
    this.committed = resolve;
  }

  /** The handler's `signal`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }
  get interruption(): Interruption | null {
    return this.#interruption;
  }

  /** Aborts the handler's signal. The first reason stands, but a lost lease tops a cancel. */
  interrupt(reason: Interruption): void {
    if (this.#interruption === null || reason === "lost") this.#interruption = reason;
    this.#abort.abort(new Error(`the run's outcome doesn't count any more: ${reason}`));
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** Calls back at the next interruption, or at once after one; answers the function that stops it. */
  onInterruption(listener: () => void): () => void {
    if (this.#interruption !== null) listener();
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }
}

/** The jobs that this engine holds, and how many more it may take. */
export class RunningJobs {
  readonly #runs = new Map<string, Run>();
  readonly #limit: number;
  readonly #onFree: () => void;
  #reserved = 0;

  constructor(limit: number, onFree: () => void) {
    this.#limit = limit;
    this.#onFree = onFree;
  }

  get free(): number {
    return Math.max(0, this.#limit - this.#runs.size - this.#reserved);
  }
  get size(): number {
    return this.#runs.size;
  }

  /** Holds back up to `count` slots while a call is under way that may bring jobs; answers how many. */
  reserve(count: number): number {
    const reserved = Math.min(count, this.free);
    this.#reserved += reserved;
    return reserved;
  }
  unreserve(count: number): void {
    this.#reserved -= count;
    if (this.free > 0) this.#onFree();
  }

  /** A run for a lease; null if it runs already. A former lease of the same job is lost. */
  begin(jobId: string, claim: string): Run | null {
    const former = this.#runs.get(jobId);
    if (former?.claim === claim) return null;
    former?.interrupt("lost");
    const run = new Run(jobId, claim);
    this.#runs.set(jobId, run);
    return run;
  }

  end(run: Run): void {
    run.committed();
    if (this.#runs.get(run.jobId) !== run) return;
    this.#runs.delete(run.jobId);
    this.#onFree();
  }

  get(jobId: string): Run | undefined {
    return this.#runs.get(jobId);
  }
  all(): Run[] {
    return [...this.#runs.values()];
  }
}

import { type Run, RunningJobs } from "#engine/running-jobs";
import { runSteps, type StepLoopWorld } from "#engine/step-loop";
import type { LeasedJob, LeaseRequest } from "#storage/storage";

/**
 * How long a job's lease lasts; prolonged every two seconds while its engine lives. A dead engine's jobs run elsewhere
 * within 15 seconds, on a busy machine too.
 */
export const jobLeaseMs = 12_000;
/** How many jobs that need no slot one claim brings. */
const endsPerClaim = 10;

export interface RunnerOptions {
  /** This start of this engine: leases belong to it. */
  engineId: string;
  maxConcurrentJobs: number;
  blueprints: () => readonly string[];
  /** A slot became free. */
  onFree: () => void;
}

/** Runs the jobs that this engine holds, at most so many at a time. */
export class Runner {
  readonly running: RunningJobs;
  readonly #loop: StepLoopWorld;
  readonly #options: RunnerOptions;
  #stopping = false;
  #idle: (() => void)[] = [];

  constructor(loop: Omit<StepLoopWorld, "lend" | "isStopping">, options: RunnerOptions) {
    this.#options = options;
    this.#loop = { ...loop, lend: (count, call) => this.lend(count, call), isStopping: () => this.#stopping };
    this.running = new RunningJobs(options.maxConcurrentJobs, () => this.#freed());
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Makes a call that may bring up to `count` jobs, with a lease for as many as there are free slots (none: null), and
   * runs what it brings.
   */
  async lend<T extends { leased: LeasedJob[] }>(
    count: number,
    call: (lease: LeaseRequest | null) => Promise<T>,
  ): Promise<T> {
    const reserved = this.#stopping ? 0 : this.running.reserve(count);
    try {
      const reply = await call(reserved === 0 ? null : this.leaseFor(reserved));
      for (const held of reply.leased) this.accept(held);
      return reply;
    } finally {
      if (reserved > 0) this.running.unreserve(reserved);
    }
  }

  /** A wish to hold up to `limit` jobs, new for every call. */
  leaseFor(limit: number): LeaseRequest {
    const { engineId, blueprints } = this.#options;
    return { engine: engineId, claim: this.#loop.world.uuid(), ms: jobLeaseMs, limit, blueprints: blueprints() };
  }

  /** While every slot is taken: only what can end without a handler, cancelled and discarded jobs. */
  leaseWithoutSlots(): LeaseRequest {
    return { ...this.leaseFor(this.#stopping ? 0 : endsPerClaim), blueprints: [] };
  }

  /** Takes up a leased job. What goes wrong outside of its handler is logged; the lease then runs out by itself. */
  accept(held: LeasedJob): void {
    const run = this.running.begin(held.job.id, held.job.lease?.claim ?? "");
    if (run === null) return;
    runSteps(held, run, this.#loop)
      .catch((error: unknown) =>
        this.#loop.logger.error({ err: error, jobId: run.jobId }, "a step failed outside of its handler"),
      )
      .finally(() => this.running.end(run));
  }

  /** Takes no more jobs and waits until all that run have come to rest, at most `graceMs`; answers those that haven't. */
  async drain(graceMs: number): Promise<readonly Run[]> {
    this.#stopping = true;
    if (this.running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
        this.#loop.world.after(graceMs, resolve);
      });
    }
    const left = this.running.all();
    for (const run of left) run.interrupt("stopping");
    return left;
  }

  /** Resolves when the job's run has committed a step, or holds it no more. */
  async firstCommit(jobId: string): Promise<void> {
    await this.running.get(jobId)?.firstCommit;
  }

  /** Logs a fault of the engine's own. */
  report(error: unknown): void {
    this.#loop.logger.error({ err: error }, "a call of the engine to its store failed");
  }

  #freed(): void {
    if (this.running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#options.onFree();
  }
}

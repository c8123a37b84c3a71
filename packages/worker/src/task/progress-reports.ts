/** At most one report of a task in this time. */
const everyMs = 1000;

export interface ProgressReport {
  progress: number;
  message?: string;
}

/** The latest progress of each task that the engine doesn't know yet. */
export class ProgressReports {
  readonly #pending = new Map<string, ProgressReport>();
  /** When a task's progress was last sent. */
  readonly #sentAt = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The latest counts. Throws a `TypeError` for a value that is no finite number, or a message that is no text. */
  put(taskId: string, progress: unknown, message: unknown): void {
    if (typeof progress !== "number" || !Number.isFinite(progress)) {
      throw new TypeError(`progress: expected a finite number, got ${String(progress)}`);
    }
    if (message !== undefined && typeof message !== "string") throw new TypeError("progress: the message is no string");
    this.#pending.set(taskId, message === undefined ? { progress } : { progress, message });
  }

  has(taskId: string): boolean {
    return this.#pending.has(taskId);
  }

  /** In how many milliseconds something may be sent; null if there is nothing. */
  dueInMs(): number | null {
    if (this.#pending.size === 0) return null;
    const now = this.#now();
    return Math.max(0, Math.min(...[...this.#pending.keys()].map((id) => this.#dueAt(id) - now)));
  }

  /** Takes what may be sent now; `lastOf`: a task that is ending, whose report isn't held back. */
  take(lastOf: ReadonlySet<string>): Record<string, ProgressReport> | undefined {
    const now = this.#now();
    const taken = [...this.#pending].filter(([id]) => lastOf.has(id) || this.#dueAt(id) <= now);
    for (const [id] of taken) {
      this.#pending.delete(id);
      this.#sentAt.set(id, now);
    }
    return taken.length === 0 ? undefined : Object.fromEntries(taken);
  }

  /** The engine didn't hear it: it is sent again, unless there is newer. */
  putBack(reports: Record<string, ProgressReport> | undefined): void {
    for (const [id, report] of Object.entries(reports ?? {})) {
      if (!this.#sentAt.has(id) || this.#pending.has(id)) continue;
      this.#pending.set(id, report);
    }
  }

  /** A task is over. */
  forget(taskId: string): void {
    this.#pending.delete(taskId);
    this.#sentAt.delete(taskId);
  }

  #dueAt(taskId: string): number {
    return (this.#sentAt.get(taskId) ?? Number.NEGATIVE_INFINITY) + everyMs;
  }
}

import type { Backoff } from "#engine/backoff";
import type { Answer, EngineClient } from "#engine/engine-client";
import type { Trouble } from "#engine/trouble";
import type { ProgressReports } from "#task/progress-reports";

/** Changes of one moment travel together. */
const soonMs = 100;
const what = "a heartbeat";

export interface HeartOptions {
  client: EngineClient;
  intervalMs: number;
  backoff: Backoff;
  trouble: Trouble;
  progress: ProgressReports;
  /** What the worker has to say now. */
  state: () => Record<string, unknown>;
  /** The engine wants these tasks ended. */
  onCancel: (taskIds: string[]) => void;
  /** The engine's record of this worker; null: it has none. */
  onRecord: (record: Record<string, unknown> | null) => void;
}

/** Says every 15 s, and soon after a change, that the worker is there and what it does. One heartbeat is under way at a time. */
export class Heart {
  readonly #options: HeartOptions;
  /** Tasks that are ending: their last progress isn't held back. */
  #ending = new Set<string>();
  #sending: Promise<boolean> | null = null;
  #next: Promise<boolean> | null = null;
  #told: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #regularAt = 0;
  #soonAt = Number.POSITIVE_INFINITY;
  #beats = false;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  /** Begins to beat, with a first one at once. */
  start(): void {
    if (this.#beats) return;
    this.#beats = true;
    void this.beat();
  }

  stop(): void {
    this.#beats = false;
    clearTimeout(this.#timer);
  }

  /** The load changed; or, `urgently`, what the worker can take. */
  changed(urgently: boolean): void {
    if (!this.#beats) return;
    if (urgently) this.#told = this.beat();
    else this.#plan(soonMs);
  }

  /** A task made progress. */
  progressed(): void {
    if (this.#beats) this.#plan(Math.max(soonMs, this.#options.progress.dueInMs() ?? soonMs));
  }

  /** Resolves when the engine knows the last urgent change, or can't be told. */
  told(): Promise<unknown> {
    return this.#told;
  }

  /** A heartbeat that says everything up to this call; resolves with whether it came through. `ending`: a task whose progress is its last. */
  beat(ending?: string): Promise<boolean> {
    if (ending !== undefined) this.#ending.add(ending);
    if (this.#next !== null) return this.#next;
    if (this.#sending === null) return this.#begin();
    this.#next = this.#sending.then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<boolean> {
    this.#next = null;
    this.#soonAt = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    this.#sending = this.#send().then((pauseMs) => {
      this.#sending = null;
      const { intervalMs, progress } = this.#options;
      this.#regularAt = performance.now() + (pauseMs ?? intervalMs);
      if (this.#beats) this.#plan(progress.dueInMs() ?? Number.POSITIVE_INFINITY);
      return pauseMs === null;
    });
    return this.#sending;
  }

  /** Answers when it has to be tried again; null if it came through. */
  async #send(): Promise<number | null> {
    const { client, progress, trouble, backoff, state, intervalMs } = this.#options;
    const reports = progress.take(this.#ending);
    this.#ending = new Set();
    const answer = await client.heartbeat({ ...state(), ...(reports && { progress: reports }) });
    if (answer.status === 200) {
      trouble.over(what);
      backoff.reset();
      this.#hear(answer);
      return null;
    }
    progress.putBack(reports);
    // Engines that don't know the worker answer so.
    if (answer.status === 404) this.#options.onRecord(null);
    trouble.report(what, answer);
    return Math.min(intervalMs, backoff.next(answer.retryAfterMs));
  }

  #hear({ body }: Answer): void {
    const cancels = body["cancel_task_ids"];
    if (Array.isArray(cancels)) this.#options.onCancel(cancels.filter((id) => typeof id === "string"));
    if (typeof body["worker_id"] === "string") this.#options.onRecord(body);
  }

  #plan(inMs: number): void {
    this.#soonAt = Math.min(this.#soonAt, performance.now() + inMs);
    if (this.#sending !== null) return;
    clearTimeout(this.#timer);
    const at = Math.min(this.#soonAt, this.#regularAt);
    this.#timer = setTimeout(() => void this.beat(), Math.max(0, at - performance.now()));
  }
}

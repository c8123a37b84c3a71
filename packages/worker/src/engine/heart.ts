import type { Backoff } from "#engine/backoff";
import type { Answer, EngineClient } from "#engine/engine-client";
import { Pacer } from "#engine/pacer";
import { pause } from "#engine/pause";
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
  /** What it can take now, which `state` says too. */
  types: () => readonly string[];
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
  readonly #pacer = new Pacer();
  readonly #closed = new AbortController();
  /** The types that were said last, and the heartbeat that is under way with them. */
  #said: string | null = null;
  #telling: Promise<unknown> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #regularAt = 0;
  #soonAt = Number.POSITIVE_INFINITY;
  #beats = false;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  /** Begins to beat, with a first one at once. Again after each registration: what was said before it counts no more. */
  start(): void {
    this.#said = null;
    if (this.#beats) return;
    this.#beats = true;
    void this.beat();
  }

  stop(): void {
    this.#beats = false;
    clearTimeout(this.#timer);
  }

  /** No beat that waits for its turn begins any more. */
  close(): void {
    this.#closed.abort();
  }

  /** The load changed; or, `urgently`, what the worker can take. */
  changed(urgently: boolean): void {
    if (this.#beats) this.#plan(urgently ? 0 : soonMs);
  }

  /** A task made progress. */
  progressed(): void {
    if (this.#beats) this.#plan(Math.max(soonMs, this.#options.progress.dueInMs() ?? soonMs));
  }

  /** Null if the engine knows what the worker can take, or can't be told; else resolves when that may have changed. */
  telling(): Promise<unknown> | null {
    return textOf(this.#options.types()) === this.#said ? this.#telling : this.beat();
  }

  /**
   * A heartbeat that says everything up to this call, as soon as its pace allows it; resolves with whether it came
   * through. `ending`: a task whose progress is its last.
   */
  beat(ending?: string): Promise<boolean> {
    if (ending !== undefined) this.#ending.add(ending);
    if (this.#next !== null) return this.#next;
    if (this.#sending === null && this.#pacer.waitMs() === 0) return this.#begin();
    this.#next = this.#inTurn();
    return this.#next;
  }

  async #inTurn(): Promise<boolean> {
    await this.#sending;
    await pause(this.#pacer.waitMs(), this.#closed.signal);
    return this.#closed.signal.aborted ? false : this.#begin();
  }

  #begin(): Promise<boolean> {
    this.#next = null;
    this.#pacer.count();
    this.#soonAt = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    this.#sending = this.#send().then((pauseMs) => {
      this.#sending = null;
      const { intervalMs, progress } = this.#options;
      this.#regularAt = performance.now() + (pauseMs ?? intervalMs);
      if (this.#beats) this.#plan(progress.dueInMs() ?? Number.POSITIVE_INFINITY);
      return pauseMs === null;
    });
    const types = textOf(this.#options.types());
    const sending = this.#sending;
    if (types !== this.#said) this.#tell(types, sending);
    return sending;
  }

  #tell(types: string, sending: Promise<unknown>): void {
    this.#said = types;
    this.#telling = sending;
    void sending.then(() => {
      if (this.#telling === sending) this.#telling = null;
    });
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
    const pauseMs = backoff.next(answer.retryAfterMs);
    if (answer.retryAfterMs === null) return Math.min(intervalMs, pauseMs);
    this.#pacer.close(pauseMs);
    return pauseMs;
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

function textOf(types: readonly string[]): string {
  return types.join("\n");
}

import type { Backoff } from "#engine/backoff";
import type { Bell } from "#engine/bell";
import type { Answer, EngineClient } from "#engine/engine-client";
import { pause } from "#engine/pause";
import type { Trouble } from "#engine/trouble";

/** Polls that bring nothing begin no sooner after each other than this, whatever they are answered: fewer than ten a second. */
const idleMs = 110;
/** A poll that was held so long wasn't refused: it was cut off on the way. */
const heldMs = 5000;
/** No patience helps against these answers to the first registration. */
const hopeless = new Set([400, 401, 403, 413, 415, 422]);
const aPoll = "a poll";
const aRegistration = "a registration";

export interface PollerOptions {
  client: EngineClient;
  backoff: Backoff;
  trouble: Trouble;
  /** Rings when there may be room again. */
  bell: Bell;
  /** How many tasks may be asked for. */
  room: () => number;
  /** Null if the engine knows what the worker can take; else resolves when that may have changed. */
  telling: () => Promise<unknown> | null;
  /** What the worker registers with now: it names the tasks that it holds. */
  record: () => Record<string, unknown>;
  /** Takes tasks of the wire in; answers how many were new. */
  take: (tasks: readonly unknown[]) => number;
  onRegistered: () => void;
}

/**
 * Registers, then polls, one poll at a time. After a poll that got lost it registers again: what was handed out into the
 * lost answer is given back, since the registration doesn't name it.
 */
export class Poller {
  readonly #options: PollerOptions;
  readonly #stopped = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  #registered = false;
  #everRegistered = false;
  #poll: AbortController | null = null;
  #brokeOff = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: PollerOptions) {
    this.#options = options;
    // It may be stopped before anybody waits for its start.
    this.#first.promise.catch(() => {});
  }

  /** The engine has known this worker. */
  get hasRegistered(): boolean {
    return this.#everRegistered;
  }

  /** Resolves with the first registration. Rejects if it is refused, or stopped before. */
  start(): Promise<void> {
    this.#loop = this.#run();
    return this.#first.promise;
  }

  /** The engine doesn't know this worker any more. */
  forgotten(): void {
    this.#registered = false;
    this.#poll?.abort();
    this.#options.bell.ring();
  }

  /** Takes no further task; resolves with whether an answer may have been lost. */
  async stop(): Promise<boolean> {
    this.#first.reject(new Error("the worker was stopped before it had reached its engine"));
    this.#brokeOff = this.#poll !== null;
    this.#stopped.abort();
    this.#poll?.abort();
    this.#options.bell.ring();
    await this.#loop;
    return this.#brokeOff;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { bell, room } = this.#options;
    while (!signal.aborted) {
      if (!this.#registered && !(await this.#register())) continue;
      await bell.until(() => signal.aborted || !this.#registered || room() > 0);
      await this.#untilTold();
      const limit = room();
      if (!signal.aborted && this.#registered && limit > 0) await this.#pollOnce(limit);
    }
  }

  /** What changes back meanwhile needn't be told. */
  async #untilTold(): Promise<void> {
    const { bell, room, telling } = this.#options;
    while (!this.#stopped.signal.aborted && this.#registered && room() > 0) {
      const heartbeat = telling();
      if (heartbeat === null) return;
      await Promise.race([heartbeat, bell.next()]);
    }
  }

  async #register(): Promise<boolean> {
    const { client, record, trouble, backoff, onRegistered } = this.#options;
    const answer = await client.register(record());
    if (this.#stopped.signal.aborted) return false;
    if (answer.status === 200) {
      this.#registered = true;
      this.#everRegistered = true;
      trouble.over(aRegistration);
      trouble.isBack();
      this.#first.resolve();
      onRegistered();
      return true;
    }
    if (hopeless.has(answer.status) && !this.#everRegistered) {
      this.#stopped.abort();
      this.#first.reject(new Error(`the engine refused the worker: ${answer.reason}`));
      return false;
    }
    trouble.report(aRegistration, answer);
    await pause(backoff.next(answer.retryAfterMs), this.#stopped.signal);
    return false;
  }

  async #pollOnce(limit: number): Promise<void> {
    const { client, take, backoff, trouble } = this.#options;
    const began = performance.now();
    const poll = new AbortController();
    this.#poll = poll;
    const answer = await client.poll(limit, poll.signal);
    this.#poll = null;
    const tookMs = performance.now() - began;
    const isFine = answer.status === 200 || answer.status === 204;
    if (isFine) {
      this.#brokeOff = false;
      trouble.over(aPoll);
      backoff.reset();
      if (take(tasksOf(answer)) === 0) await pause(idleMs - tookMs, this.#stopped.signal);
      return;
    }
    if (poll.signal.aborted) return;
    trouble.report(aPoll, answer);
    if (answer.status === 0 || answer.status === 404) this.#registered = false;
    if (tookMs > heldMs) backoff.reset();
    await pause(Math.max(idleMs, backoff.next(answer.retryAfterMs)), this.#stopped.signal);
  }
}

/** A list; engines without batches answer with the task itself. */
function tasksOf({ status, body }: Answer): readonly unknown[] {
  if (status !== 200) return [];
  if (Array.isArray(body["tasks"])) return body["tasks"];
  return body["task_id"] === undefined ? [] : [body];
}

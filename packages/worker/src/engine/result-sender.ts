import type { Backoff } from "#engine/backoff";
import type { Answer, EngineClient } from "#engine/engine-client";
import type { Trouble } from "#engine/trouble";
import type { Logger } from "#logger/logger";
import { failure } from "#task/outcome";

/** Batches under way at a time: what is done meanwhile travels together. */
const mostSends = 2;
const mostPerBatch = 1000;
/** The engine takes batches of 32 MiB and single results of 16. */
const batchBytes = 8 * 2 ** 20;
/** What the answer to a single result may be if that result will never be taken as it is. */
const unacceptable = new Set([400, 413, 415, 422]);
const what = "a result";

interface Parcel {
  readonly taskId: string;
  readonly jobId: string;
  text: string;
  bytes: number;
  /** Travels alone, since a batch with it was refused. */
  alone: boolean;
  /** It is our own failure already, in the place of a result that was refused. */
  replaced: boolean;
}

export interface ResultSenderOptions {
  client: EngineClient;
  workerId: string;
  backoff: Backoff;
  trouble: Trouble;
  logger: Logger;
  /** The engine has it, or will never take it. */
  onDelivered: (taskId: string) => void;
}

/** Sends results until the engine has them, those of one tick together. Nothing is given up while the process lives. */
export class ResultSender {
  readonly #options: ResultSenderOptions;
  #waiting: Parcel[] = [];
  #sends = 0;
  #planned = false;
  #pause: NodeJS.Timeout | undefined;
  #stuck = false;
  #closed = false;

  constructor(options: ResultSenderOptions) {
    this.#options = options;
  }

  /** The last try failed: the engine takes no results now. */
  get isStuck(): boolean {
    return this.#stuck;
  }

  /** `result` is JSON text. */
  add(jobId: string, taskId: string, result: string): void {
    const parcel = { taskId, jobId, text: "", bytes: 0, alone: false, replaced: false };
    this.#fill(parcel, result);
    this.#waiting.push(parcel);
    this.#plan();
  }

  /** Tries at once what waits for its next try. */
  hurry(): void {
    if (this.#pause !== undefined) this.#resume();
  }

  /** Sends nothing any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#pause);
  }

  #plan(): void {
    if (this.#planned || this.#closed || this.#pause !== undefined) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      while (this.#waiting.length > 0 && this.#sends < mostSends && this.#pause === undefined) this.#send();
    });
  }

  #send(): void {
    const batch = this.#nextBatch();
    const texts = batch.map(({ text }) => text);
    const isSingle = texts.length === 1;
    this.#sends += 1;
    const sent = isSingle ? this.#options.client.result(texts[0] as string) : this.#options.client.results(texts);
    void sent.then((answer) => {
      this.#sends -= 1;
      if (answer.status === 200) this.#delivered(batch, answer);
      else if (isSingle && unacceptable.has(answer.status)) this.#refused(batch[0] as Parcel, answer);
      else if (!isSingle && answer.status >= 400 && isAboutTheBatch(answer.status)) this.#separate(batch);
      else this.#failed(batch, answer);
      this.#plan();
    });
  }

  #nextBatch(): Parcel[] {
    let bytes = 0;
    let count = 0;
    for (const parcel of this.#waiting) {
      if (count > 0 && (parcel.alone || count === mostPerBatch || bytes + parcel.bytes > batchBytes)) break;
      bytes += parcel.bytes;
      count += 1;
      if (parcel.alone) break;
    }
    return this.#waiting.splice(0, count);
  }

  #delivered(batch: readonly Parcel[], { body }: Answer): void {
    const { backoff, trouble, logger, onDelivered } = this.#options;
    this.#stuck = false;
    backoff.reset();
    trouble.over(what);
    const verdicts: unknown = batch.length === 1 ? [body] : body["results"];
    for (const [at, { taskId, jobId }] of batch.entries()) {
      const verdict = (Array.isArray(verdicts) ? verdicts[at] : undefined) as Record<string, unknown> | undefined;
      if (verdict?.["status"] === "ignored")
        logger.info({ taskId, jobId, reason: verdict["reason"] }, "the result was ignored");
      onDelivered(taskId);
    }
  }

  /** It will never be taken as it is: what the engine gets instead says so, and the slot is free again. */
  #refused(parcel: Parcel, { status, reason }: Answer): void {
    const { logger, onDelivered } = this.#options;
    const { taskId, jobId, replaced, bytes } = parcel;
    logger.error({ taskId, jobId, bytes }, `the engine refused a result: ${reason}`);
    this.#stuck = false;
    if (replaced) return onDelivered(taskId);
    const message =
      status === 413
        ? `the result is larger than the engine takes (${bytes} bytes)`
        : `the engine refused the result: ${reason}`;
    this.#fill(parcel, failure("PERMANENT_ERROR", message));
    parcel.replaced = true;
    this.#waiting.unshift(parcel);
  }

  #separate(batch: Parcel[]): void {
    for (const parcel of batch) parcel.alone = true;
    this.#waiting.unshift(...batch);
  }

  #failed(batch: readonly Parcel[], answer: Answer): void {
    this.#waiting.unshift(...batch);
    this.#stuck = true;
    this.#options.trouble.report(what, answer);
    if (this.#pause !== undefined || this.#closed) return;
    this.#pause = setTimeout(() => this.#resume(), this.#options.backoff.next(answer.retryAfterMs));
  }

  #resume(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#plan();
  }

  #fill(parcel: Parcel, result: string): void {
    const ids = { job_id: parcel.jobId, task_id: parcel.taskId, worker_id: this.#options.workerId };
    parcel.text = `${JSON.stringify(ids).slice(0, -1)},"result":${result}}`;
    parcel.bytes = Buffer.byteLength(parcel.text);
  }
}

/** One bad entry, a body too large, or an engine without batches: each for itself may go. */
function isAboutTheBatch(status: number): boolean {
  return unacceptable.has(status) || status === 404 || status === 405;
}

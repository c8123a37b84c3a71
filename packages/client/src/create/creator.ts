import { randomUUID } from "node:crypto";
import { type CreateOptions, encodeCreation, readKey } from "#create/creation";
import { readJobId } from "#create/creation-answer";
import { CreationQueue } from "#create/creation-queue";
import type { Endpoints } from "#create/endpoints";
import type { Caller } from "#http/caller";
import { AvtomatikaError } from "#http/errors";
import type { Answer } from "#http/read-answer";

export interface CreatedJob {
  jobId: string;
  /**
   * False if the `idempotencyKey` had made the job before: by another call, or by a first try of this one whose answer
   * was lost. Without a key of the caller's always true.
   */
  created: boolean;
}

/** Creates jobs: the one way for all calls that do. */
export class Creator {
  readonly #caller: Caller;
  readonly #endpoints: Endpoints;
  readonly #queue: CreationQueue;

  constructor(caller: Caller, endpoints: Endpoints) {
    this.#caller = caller;
    this.#endpoints = endpoints;
    this.#queue = new CreationQueue(caller);
  }

  /** With a key of the caller's the creation travels alone: a batch has one key for all. */
  async create(target: string, initialData: object, options: CreateOptions): Promise<CreatedJob> {
    const { signal } = options;
    const idempotencyKey = readKey(options);
    const body = encodeCreation(initialData, options);
    return this.#at(target, signal, async (path) => {
      if (idempotencyKey === undefined) return { jobId: await this.#queue.add(path, body, signal), created: true };
      const answer = await this.#caller.call({ method: "POST", path, body, idempotencyKey, signal });
      return { jobId: readJobId(answer), created: answer.status !== 200 };
    });
  }

  /** Creates and holds the answer until the job has ended, at most so long: its view, or the acceptance. */
  async createAndHold(
    target: string,
    initialData: object,
    options: CreateOptions,
    holdMs: () => number,
  ): Promise<Answer> {
    const { signal } = options;
    const { maxRetries } = this.#caller.policy;
    const idempotencyKey = readKey(options) ?? (maxRetries > 0 ? randomUUID() : undefined);
    const body = encodeCreation(initialData, options);
    return this.#at(target, signal, (path) => {
      const hold = holdMs();
      const query = hold > 0 ? `?wait=${hold / 1000}` : "";
      return this.#caller.call({ method: "POST", path: path + query, body, idempotencyKey, holdMs: hold, signal });
    });
  }

  async #at<Result>(
    target: string,
    signal: AbortSignal | undefined,
    act: (path: string) => Promise<Result>,
  ): Promise<Result> {
    signal?.throwIfAborted();
    const path = await this.#endpoints.find(target, signal);
    try {
      return await act(path);
    } catch (error) {
      if (error instanceof AvtomatikaError && error.status === 404) this.#endpoints.forget(target);
      throw error;
    }
  }
}

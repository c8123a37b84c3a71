import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, Try } from "#http/connection";
import type { AvtomatikaError } from "#http/errors";
import { networkFault } from "#http/network-fault";
import { type Answer, readAnswer } from "#http/read-answer";
import { type RetryPolicy, retryPause } from "#http/retry-policy";

/** What every call takes. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason. What the engine got already, it does. */
  signal?: AbortSignal | undefined;
}

export interface Call extends CallOptions {
  method: "GET" | "POST";
  path: string;
  /** JSON. */
  body?: string | undefined;
  idempotencyKey?: string | undefined;
  /** How long the engine is asked to hold the answer, in milliseconds; it has to stand in the path too. */
  holdMs?: number | undefined;
}

/** Answers that say: come again. */
const passing = new Set([429, 502, 503, 504]);
/** A 429 that says: not today. Repeating it would only hold up whoever has to know. */
const spent = "quota_exceeded";

/** Calls of the engine, repeated where that is safe. */
export class Caller {
  readonly policy: RetryPolicy;
  readonly #connection: Connection;

  constructor(connection: Connection, policy: RetryPolicy) {
    this.#connection = connection;
    this.policy = policy;
  }

  /**
   * One call. `GET` and what has an idempotency key are repeated after network faults and 429, 502, 503, 504; anything
   * else only if the engine can't have done it: nothing was sent, or the answer is 429. A spent quota is never tried again.
   * @throws AvtomatikaError the engine's refusal, `network_error`, `bad_answer`; TimeoutError if it stays silent
   */
  async call(call: Call): Promise<Answer> {
    const { method, path, body = null, idempotencyKey = null, holdMs = 0, signal } = call;
    const request: Try = { method, path, body, idempotencyKey, holdMs, signal };
    for (let retries = 0; ; retries++) {
      signal?.throwIfAborted();
      const outcome = await this.#try(request);
      if (!("fault" in outcome)) return outcome;
      // Who gave up isn't told of anything else.
      signal?.throwIfAborted();
      const { fault, repeatable } = outcome;
      const pause = repeatable ? this.#pause(retries, fault) : null;
      if (pause === null) throw fault;
      await this.rest(pause, signal);
    }
  }

  /** Waits; rejects with the signal's reason. */
  async rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
    await sleep(ms, undefined, signal && { signal }).catch(() => {});
    signal?.throwIfAborted();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #try(request: Try): Promise<Answer | { fault: AvtomatikaError; repeatable: boolean }> {
    const isSafe = request.method === "GET" || request.idempotencyKey !== null;
    let raw: Awaited<ReturnType<Connection["send"]>>;
    try {
      raw = await this.#connection.send(request);
    } catch (cause) {
      const { error, unsent, final } = networkFault(cause, `${request.method} ${request.path}`);
      return { fault: error, repeatable: !final && (isSafe || unsent) };
    }
    try {
      return readAnswer(raw, Date.now());
    } catch (error) {
      const fault = error as AvtomatikaError;
      const isPassing = passing.has(fault.status) && fault.code !== spent;
      return { fault, repeatable: isPassing && (isSafe || fault.status === 429) };
    }
  }

  #pause(retries: number, { retryAfterMs }: AvtomatikaError): number | null {
    return retries < this.policy.maxRetries ? retryPause(retries, this.policy, Math.random(), retryAfterMs) : null;
  }
}

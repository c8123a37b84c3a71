import type { FastifyReply, FastifyRequest } from "fastify";
import type { Traffic } from "#server/traffic";

/** More errors than this at a time are answered at once. */
const most = 1000;
/** However it is encoded, also as the target of a proxy: what has no route is told by its path. */
const pollRoute = "/_worker/workers/:worker_id/tasks/next";
const pollPath = /^\/_worker\/workers\/.*\/tasks\/next\/?(\?|$)/s;

/** Existing workers poll again at once whatever they are told: what they are told is held back. */
export class HoldBack {
  readonly #traffic: Traffic;
  readonly #delayMs: number;
  #held = 0;

  constructor(traffic: Traffic, delayMs: number) {
    this.#traffic = traffic;
    this.#delayMs = delayMs;
  }

  /** Resolves when a request that is no poll may be answered: at once. A poll waits, unless its client goes. */
  async wait(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.#held >= most || !isPoll(request)) return;
    const hold = this.#traffic.hold(reply.raw);
    this.#held += 1;
    try {
      await pause(this.#delayMs, hold.signal);
    } finally {
      this.#held -= 1;
      hold.release();
    }
  }
}

function isPoll({ routeOptions, url }: FastifyRequest): boolean {
  return routeOptions.url === pollRoute || pollPath.test(url);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

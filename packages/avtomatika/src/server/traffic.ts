import type { ServerResponse } from "node:http";

/** A request that is held until something happens. `signal` aborts when its client has gone, or the server closes. */
export interface Hold {
  signal: AbortSignal;
  /** Always to be called. */
  release(): void;
}

/** The requests under way, so that a server can answer all of them before it closes. */
export class Traffic {
  readonly #holds = new Set<AbortController>();
  #open = 0;
  #closing = false;
  #onIdle: (() => void) | null = null;

  /** Held requests are being sent away. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Counts a request until its response is through, or lost. */
  count(response: ServerResponse): void {
    this.#open += 1;
    response.once("close", () => {
      this.#open -= 1;
      if (this.#open === 0) this.#onIdle?.();
    });
  }

  hold(response: ServerResponse): Hold {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (this.#closing || response.destroyed) abort();
    else this.#holds.add(controller);
    response.once("close", abort);
    return {
      signal: controller.signal,
      release: () => {
        this.#holds.delete(controller);
        response.off("close", abort);
      },
    };
  }

  /** Sends held requests away, these and those to come, and waits until every response is through, but not for ever. */
  async close(patienceMs: number): Promise<void> {
    this.#closing = true;
    for (const controller of this.#holds) controller.abort();
    this.#holds.clear();
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

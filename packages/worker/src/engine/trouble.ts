import type { Answer } from "#engine/engine-client";
import type { Logger } from "#logger/logger";

/** Says once that something doesn't work and once that it does again, however often it is tried in between. */
export class Trouble {
  readonly #logger: Logger;
  readonly #open = new Map<string, string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `what` failed, e.g. `a heartbeat`. */
  report(what: string, { status, reason }: Answer): void {
    const kind = String(status);
    if (this.#open.get(what) === kind) return;
    this.#open.set(what, kind);
    const isOurs = status === 401 || status === 403;
    const text = `${what} failed: ${reason}; it is tried again`;
    if (isOurs) this.#logger.error(`${text}. Is the token right?`);
    else this.#logger.warn(text);
  }

  over(what: string): void {
    if (this.#open.delete(what)) this.#logger.info(`${what} went through again`);
  }
}

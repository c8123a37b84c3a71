import type { Answer } from "#engine/engine-client";
import type { Logger } from "#logger/logger";

const noAnswer = "0";

/** Says once that something doesn't work and once that it does again, however often it is tried in between. */
export class Trouble {
  readonly #logger: Logger;
  readonly #engine: string;
  readonly #open = new Map<string, string>();
  #isAway = false;

  /** `engine` is what lines call it. */
  constructor(logger: Logger, engine: string) {
    this.#logger = logger;
    this.#engine = engine;
  }

  /** `what` failed, e.g. `a heartbeat`. That there is no answer is said once for all calls. */
  report(what: string, { status, reason }: Answer): void {
    const kind = String(status);
    if (this.#open.get(what) === kind) return;
    this.#open.set(what, kind);
    if (kind === noAnswer) return this.#away(what, reason);
    const isOurs = status === 401 || status === 403;
    const text = `${what} failed: ${reason}; it is tried again`;
    if (isOurs) this.#logger.error(`${text}. Is the token right?`);
    else this.#logger.warn(text);
  }

  over(what: string): void {
    const kind = this.#open.get(what);
    if (!this.#open.delete(what)) return;
    if (kind === noAnswer) this.isBack();
    else this.#logger.info(`${what} went through again`);
  }

  /** It has answered. A poll may take long to show that: whatever else went through does. */
  isBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#logger.info(`the engine at ${this.#engine} is back`);
  }

  #away(what: string, reason: string): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#logger.warn(`the engine at ${this.#engine} is away: ${what} failed, ${reason}. It is tried until it is back`);
  }
}

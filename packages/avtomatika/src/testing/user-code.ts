import type { Process } from "#testing/process";
import { turn } from "#testing/virtual-time";

/** Taken before a test may replace them by its own. */
const { setTimeout } = globalThis;

/** One call of a function of the user's. */
export interface UserCall {
  readonly owner: Process;
  readonly jobId: string;
  /** It waits for virtual time: until then (in milliseconds), or for ever. */
  asleepUntil: number | null;
  /** It took longer than the kit has patience. */
  hangs: boolean;
}

/**
 * The user's functions that run now: handlers, conditions' schemas, workers. While one of them does something real
 * (reads a file, say) virtual time stands still.
 */
export class UserCode {
  readonly #calls = new Set<UserCall>();
  readonly #patienceMs: number;

  /** `patienceMs`: how long, in real time, one is waited for; afterwards time goes on without it. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Makes a call, and knows of it until it is over. */
  run(owner: Process, jobId: string, work: (call: UserCall) => unknown): unknown {
    const call: UserCall = { owner, jobId, asleepUntil: null, hangs: false };
    const result = work(call);
    if (!isThenable(result)) return result;
    this.#calls.add(call);
    return Promise.resolve(result).finally(() => this.#calls.delete(call));
  }

  /** Those of living processes that nothing but time or a signal moves. */
  waiting(): UserCall[] {
    return [...this.#calls].filter(({ owner, asleepUntil, hangs }) => owner.alive && (hangs || asleepUntil !== null));
  }

  /** Lets promises settle, and the functions go on until they are over or `isBlocked` says that they wait for the engine. */
  async settle(isBlocked: () => boolean): Promise<void> {
    await turn();
    const until = performance.now() + this.#patienceMs;
    for (let turns = 0; this.#awake().length > 0 && !isBlocked(); turns++) {
      if (performance.now() > until) for (const call of this.#awake()) call.hangs = true;
      // What is only promises needs a few turns; what is real needs time.
      await (turns < 20 ? turn() : new Promise((resolve) => setTimeout(resolve, 1)));
    }
  }

  #awake(): UserCall[] {
    return [...this.#calls].filter(({ owner, asleepUntil, hangs }) => owner.alive && !hangs && asleepUntil === null);
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

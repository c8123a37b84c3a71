import type { BlueprintDefinition } from "#core/definition";
import type { JobRecord } from "#core/job";
import type { Runner } from "#engine/runner";
import { isAway, requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { EngineBell } from "#storage/bell";
import type { Storage } from "#storage/storage";

/** More than these are left to their timers. */
const mostWanted = 1000;

export interface WantedStatesOptions {
  storage: Storage;
  caller: StoreCaller;
  runner: Runner;
  blueprint: (name: string) => BlueprintDefinition | undefined;
  onError: (error: unknown) => void;
}

/**
 * While engines are replaced one by one some lack the states of the newer ones. A job that comes to rest at one of those
 * is put off, and the others are told: whoever has the state takes it at once. Where nobody hears, its timer is left.
 */
export class WantedStates {
  readonly #options: WantedStatesOptions;
  /** Jobs that this engine could run, and the wait to be closed. */
  readonly #wanted = new Map<string, number>();

  constructor(options: WantedStatesOptions) {
    this.#options = options;
  }

  /** Tells the others of a job that this engine put off. */
  tell({ id: jobId, blueprint, state, wait }: JobRecord): void {
    const { storage, caller } = this.#options;
    const bell = { kind: "wanted", jobId, wait: wait as number, blueprint, state } as const;
    this.#inBackground(caller.call(() => storage.tell({ bell }), 0));
  }

  /** Takes a job that another engine put off, if this one knows its state, as soon as it has a slot for it. */
  hear({ jobId, wait, blueprint, state }: Extract<EngineBell, { kind: "wanted" }>): void {
    if (this.#options.blueprint(blueprint)?.states.has(state) !== true || this.#wanted.size >= mostWanted) return;
    this.#wanted.set(jobId, wait);
    this.freed();
  }

  /** A slot is free. */
  freed(): void {
    const { runner } = this.#options;
    for (const [jobId, wait] of this.#wanted) {
      if (runner.stopping || runner.running.free === 0) return;
      this.#wanted.delete(jobId);
      this.#inBackground(this.#take(jobId, wait));
    }
  }

  /** The wait ends as if its time were over, which it then can't do again. */
  async #take(jobId: string, wait: number): Promise<void> {
    const { storage, caller, runner } = this.#options;
    const event = { id: `due:${jobId}:${wait}`, wait, kind: "due" } as const;
    await runner.lend(1, async (lease) => {
      const { leased } = await caller.call(() => storage.deliver({ jobId, event, lease }), requestPatienceMs);
      return { leased: leased === null ? [] : [leased] };
    });
  }

  #inBackground(call: Promise<unknown>): void {
    call.catch((error: unknown) => {
      if (!isAway(error)) this.#options.onError(error);
    });
  }
}

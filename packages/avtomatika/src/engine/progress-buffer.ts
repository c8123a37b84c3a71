import { shardOf } from "#core/job-id";
import { parseTaskId, type TaskAddress } from "#core/task";
import { requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

/** At most one progress of a task is stored in this time; the last one always is. */
const everyMs = 1000;

interface Entry {
  address: TaskAddress;
  worker: string;
  value: number;
  message: string | null;
}

/** Progress of tasks on its way to the store, the latest of each task, all together once a second. */
export class ProgressBuffer {
  readonly #options: { storage: Storage; caller: StoreCaller; world: World; onError: (error: unknown) => void };
  readonly #entries = new Map<string, Entry>();
  #planned = false;

  constructor(options: { storage: Storage; caller: StoreCaller; world: World; onError: (error: unknown) => void }) {
    this.#options = options;
  }

  /** Takes a worker's report in; a task id that is none, or no number, is passed over. */
  put(worker: string, taskId: string, value: unknown, message: unknown): void {
    const address = parseTaskId(taskId);
    if (address === null || typeof value !== "number") return;
    // By worker too: what one says of another's task must not hide what the other says.
    this.#entries.set(`${taskId} ${worker}`, {
      address,
      worker,
      value,
      message: typeof message === "string" ? message : null,
    });
    if (this.#planned) return;
    this.#planned = true;
    this.#options.world.after(everyMs, () => {
      this.#planned = false;
      this.flush().catch(this.#options.onError);
    });
  }

  async flush(): Promise<void> {
    const { storage, caller } = this.#options;
    const byShard = Map.groupBy(this.#entries.values(), ({ address }) => shardOf(address.jobId, storage.shards));
    this.#entries.clear();
    for (const [shard, entries] of byShard) {
      await caller.call(() => storage.putProgress({ shard, entries }), requestPatienceMs);
    }
  }
}

import { forever, type StoreCaller } from "#engine/store-caller";
import type { Storage } from "#storage/storage";

/** Tasks that their workers should stop: told with each heartbeat until they are answered. */
export class Revocations {
  readonly #byWorker = new Map<string, Set<string>>();

  /** The tasks of a worker that were cancelled while it held them. */
  of(workerId: string): string[] {
    return [...(this.#byWorker.get(workerId) ?? [])];
  }

  add(workerId: string, taskIds: readonly string[]): void {
    const known = this.#byWorker.get(workerId) ?? new Set<string>();
    for (const id of taskIds) known.add(id);
    this.#byWorker.set(workerId, known);
  }

  /** The task was answered, or nobody waits for its answer any more. */
  forget(taskId: string): void {
    for (const [workerId, known] of this.#byWorker) {
      if (known.delete(taskId) && known.size === 0) this.#byWorker.delete(workerId);
    }
  }

  /** Takes over what the store has: after a start, and in case that bells were lost. */
  async pull(storage: Storage, caller: StoreCaller): Promise<void> {
    const found: { worker: string; taskId: string }[] = [];
    for (let shard = 0; shard < storage.shards; shard++) {
      found.push(...(await caller.call(() => storage.listRevoked({ shard }), forever)).tasks);
    }
    this.#byWorker.clear();
    for (const { worker, taskId } of found) this.add(worker, [taskId]);
  }
}

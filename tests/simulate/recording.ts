import { copy } from "avtomatika/internal/storage/memory/copy";
import type { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import type { Bell } from "avtomatika/internal/storage/storage";
import { dumpMemory, type StoreDump } from "avtomatika/internal/storage/testkit/dump";
import type { StorageCall } from "avtomatika/internal/storage/wrap/wrap-calls";

/** Everything that engines asked a store, in its order, and what it answered. */
export class Recording {
  readonly calls: { method: StorageCall; input: unknown; reply: unknown; now: number }[] = [];
  readonly bells: Bell[] = [];
  readonly #store: MemoryStorage;

  constructor(store: MemoryStorage) {
    this.#store = store;
    store.listen((bell) => this.bells.push(copy(bell)));
  }

  get shards(): number {
    return this.#store.shards;
  }
  /** What the store holds now. */
  get dump(): StoreDump {
    return dumpMemory(this.#store);
  }

  /** Engines go on to work with what they sent and got. */
  note(method: string, input: unknown, reply: { now: number }): void {
    this.calls.push({ method: method as StorageCall, input: copy(input), reply: copy(reply), now: reply.now });
  }
}

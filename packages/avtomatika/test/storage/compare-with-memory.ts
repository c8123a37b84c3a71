import assert from "node:assert/strict";
import { copy } from "#storage/memory/copy";
import { MemoryStorage } from "#storage/memory/memory-storage";
import type { Bell, Storage } from "#storage/storage";
import { dumpMemory, type StoreDump } from "#storage/testkit/dump";
import { comparableBells, comparableDump, comparableReply } from "./comparable.ts";
import { makers, type PortCall } from "./differential-calls.ts";
import { World } from "./differential-world.ts";

export interface Comparison<Store extends Storage> {
  seed: number;
  calls: number;
  open(clock: () => number): Promise<Store>;
  dump(store: Store): StoreDump | Promise<StoreDump>;
  /** Waits until the bells of the last call were heard. */
  heard?(store: Store): Promise<void>;
}

/** Makes one random sequence of calls on a memory store and another: replies, bells and rows must be equal. */
export async function compareWithMemory<Store extends Storage>(comparison: Comparison<Store>): Promise<Set<string>> {
  const world = new World(mulberry32(comparison.seed), makers);
  const memory = new Heard(new MemoryStorage({ clock: () => world.now }));
  await memory.storage.open();
  const other = new Heard(await comparison.open(() => world.now), comparison.heard);
  const done = new Set<string>();
  for (let count = 0; count < comparison.calls; count++) {
    const call = world.next();
    const [expected, found] = [await memory.call(call), await other.call(call)];
    assert.deepEqual(found, expected, `call ${count}: ${call.name} ${JSON.stringify(call.input)}`);
    done.add(call.name);
    world.learn(call, expected.reply);
  }
  const found = await comparison.dump(other.storage);
  assert.deepEqual(comparableDump(found), comparableDump(dumpMemory(memory.storage)));
  await other.storage.close();
  return done;
}

/** A store with the bells that its calls rang. */
class Heard<Store extends Storage> {
  readonly storage: Store;
  readonly #heard: ((store: Store) => Promise<void>) | undefined;
  #bells: Bell[] = [];

  constructor(storage: Store, heard?: (store: Store) => Promise<void>) {
    this.storage = storage;
    this.#heard = heard;
    storage.listen((bell) => {
      if (bell.kind !== "workers" || bell.version !== -1) this.#bells.push(bell);
    });
  }

  /** Each store gets arguments of its own: an operation may write into them. */
  async call({ name, input }: PortCall): Promise<{ reply: unknown; bells: Bell[] }> {
    this.#bells = [];
    const reply = await (this.storage[name] as (input: unknown) => Promise<object>)(copy(input));
    await this.#heard?.(this.storage);
    return { reply: plain(comparableReply(name, reply)), bells: plain(comparableBells(this.#bells)) };
  }
}

/** No `undefined`: to leave a field out and to have none is the same. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A small generator of random numbers that a seed repeats (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

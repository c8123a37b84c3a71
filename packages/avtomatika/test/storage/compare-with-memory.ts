import assert from "node:assert/strict";
import type { Bell } from "#storage/bell";
import { copy } from "#storage/memory/copy";
import { MemoryStorage } from "#storage/memory/memory-storage";
import type { Storage } from "#storage/storage";
import { dumpMemory, type StoreDump } from "#storage/testkit/dump";
import { makers, type PortCall } from "./differential-calls.ts";
import { World } from "./differential-world.ts";

export interface Comparison<Store extends Storage> {
  seed: number;
  calls: number;
  /** For both stores: few, so that closings go on over many calls. */
  closesAtOnce: number;
  open(clock: () => number): Promise<Store>;
  dump(store: Store): StoreDump | Promise<StoreDump>;
  /** Waits until the bells of the last call were heard. */
  heard?(store: Store): Promise<void>;
}

/** Makes one random sequence of calls on a memory store and another: replies, bells and rows must be equal. */
export async function compareWithMemory<Store extends Storage>(comparison: Comparison<Store>): Promise<Set<string>> {
  const world = new World(mulberry32(comparison.seed), makers);
  const memory = new Heard(new MemoryStorage({ clock: () => world.now, closesAtOnce: comparison.closesAtOnce }));
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
  assert.deepEqual(sorted(await comparison.dump(other.storage)), sorted(dumpMemory(memory.storage)));
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
    return { reply: plain(inAnyOrder(name, reply)), bells: plain(byText(this.#bells.map(ordered))) };
  }
}

/** No `undefined`: to leave a field out and to have none is the same. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Lists of which the port doesn't say an order. */
const unordered: Record<string, string> = {
  listRevoked: "tasks",
  releaseLeases: "released",
  listWorkers: "workers",
  listSigns: "signs",
  readStandings: "standings",
};

function inAnyOrder(name: string, reply: object): object {
  const key = unordered[name];
  if (key !== undefined) return { ...reply, [key]: byText((reply as Record<string, unknown[]>)[key] ?? []) };
  const { found } = reply as { found?: { lanes?: unknown[] } | null };
  if (found?.lanes !== undefined) return { ...reply, found: { ...found, lanes: byText(found.lanes) } };
  // How many rows there are is the store's own affair.
  return name === "purge" ? { ...reply, removed: 0 } : reply;
}

function ordered(bell: Bell): Bell {
  return bell.kind === "revoked" ? { ...bell, taskIds: byText(bell.taskIds) } : bell;
}

function sorted(dump: StoreDump): unknown {
  return dump.shards.map((shard) =>
    Object.fromEntries(Object.entries(shard).map(([name, rows]) => [name, byText<unknown>(rows)])),
  );
}

function byText<T>(values: readonly T[]): T[] {
  const texts = values.map((value) => ({ value, text: textOf(value) }));
  return texts.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ value }) => value);
}

/** The same text whatever the order of the fields, also of objects inside. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
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

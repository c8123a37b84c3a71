import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copy } from "#storage/memory/copy";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { inspectSqlite } from "#storage/sqlite/inspect-sqlite";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import type { Bell, Storage } from "#storage/storage";
import { dumpMemory, type StoreDump } from "#storage/testkit/dump";
import { makers, type PortCall } from "./differential-calls.ts";
import { World } from "./differential-world.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`SQLite answers as memory does, seed ${seed}`, async () => {
    const world = new World(mulberry32(seed), makers);
    const path = join(folder, "engine.db");
    const memory = new Heard(new MemoryStorage({ clock: () => world.now }));
    const sqlite = new Heard(new SqliteStorage(path, { clock: () => world.now, synchronous: "NORMAL" }));
    await memory.storage.open();
    await sqlite.storage.open();
    const done = new Map<string, number>();
    for (let count = 0; count < 2500; count++) {
      const call = world.next();
      const [expected, found] = [await memory.call(call), await sqlite.call(call)];
      assert.deepEqual(found, expected, `call ${count}: ${call.name} ${JSON.stringify(call.input)}`);
      done.set(call.name, (done.get(call.name) ?? 0) + 1);
      world.learn(call, expected.reply);
    }
    expect(sorted(inspectSqlite(path))).toEqual(sorted(dumpMemory(memory.storage)));
    expect(done.size).toBeGreaterThan(24);
    await sqlite.storage.close();
  });
}

/** A store with the bells that its calls rang. */
class Heard<Store extends Storage> {
  readonly storage: Store;
  #bells: Bell[] = [];

  constructor(storage: Store) {
    this.storage = storage;
    storage.listen((bell) => this.#bells.push(bell));
  }

  /** Each store gets arguments of its own: an operation may write into them. */
  async call({ name, input }: PortCall): Promise<{ reply: unknown; bells: Bell[] }> {
    this.#bells = [];
    const reply = await (this.storage[name] as (input: unknown) => Promise<object>)(copy(input));
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

/** The same text whatever the order of the fields. */
function textOf(value: unknown): string {
  const isObject = typeof value === "object" && value !== null;
  return JSON.stringify(isObject ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value);
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

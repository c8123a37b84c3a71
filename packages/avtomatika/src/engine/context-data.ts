import type { AggregationResult } from "#core/context";
import { AvtomatikaError } from "#core/errors";
import type { Json } from "#core/json";
import { toJson } from "#core/to-json";
import { LongWork } from "#engine/long-work";
import { forever, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

/** How many results one call brings. */
const pageSize = 1000;

/** Thrown into a run whose lease is gone: its outcome doesn't count any more. */
export class LeaseLostError extends Error {}

/** What an aggregator sees: every branch that had ended when the join was decided, in dispatch order. */
export async function readAggregationResults(
  { storage, caller, world }: { storage: Storage; caller: StoreCaller; world: World },
  place: { jobId: string; wait: number; maxBytes: number },
): Promise<Record<string, AggregationResult>> {
  const results: Record<string, AggregationResult> = {};
  const work = new LongWork(world);
  let bytes = 0;
  for (let from: number | null = 0; from !== null; ) {
    const start: number = from;
    const page = await caller.call(() => storage.readResults({ ...place, from: start, limit: pageSize }), forever);
    for (const { end, index } of page.results) {
      bytes += JSON.stringify(end.data).length;
      const { status, data, error, workerId } = end;
      results[end.firstTaskId] = { status, data, error, workerId, index };
    }
    if (bytes > place.maxBytes) {
      const message = `aggregationResults: expected at most ${place.maxBytes} bytes, got more than ${bytes}`;
      throw new AvtomatikaError("limit_exceeded", message);
    }
    from = page.next;
    await work.pause();
  }
  return results;
}

/** The `once` of one run: values are stored under the job's lease before they are given. */
export class Once {
  readonly #storage: Storage;
  readonly #caller: StoreCaller;
  readonly #place: { jobId: string; claim: string; visit: number };
  readonly #running = new Map<string, Promise<Json>>();
  #stored: Promise<Record<string, Json>> | null;

  /** `fresh`: nothing can be stored yet, so that no call is needed to find that out. */
  constructor(
    storage: Storage,
    caller: StoreCaller,
    place: { jobId: string; claim: string; visit: number },
    fresh: boolean,
  ) {
    this.#storage = storage;
    this.#caller = caller;
    this.#place = place;
    this.#stored = fresh ? Promise.resolve({}) : null;
  }

  run(name: string, fn: () => unknown): Promise<Json> {
    if (typeof name !== "string" || name === "") {
      return Promise.reject(new AvtomatikaError("invalid_argument", `once: expected a name, got ${typeof name}`));
    }
    let running = this.#running.get(name);
    if (running === undefined) {
      running = this.#run(name, fn);
      this.#running.set(name, running);
      // What threw was not stored: the next call runs it again.
      running.catch(() => this.#running.delete(name));
    }
    return running;
  }

  async #run(name: string, fn: () => unknown): Promise<Json> {
    const { jobId, visit, claim } = this.#place;
    this.#stored ??= this.#caller
      .call(() => this.#storage.readOnce({ jobId, visit }), forever)
      .then((reply) => reply.values);
    const stored = await this.#stored;
    if (Object.hasOwn(stored, name)) return stored[name] as Json;
    const value = toJson(await fn(), `once("${name}")`);
    const reply = await this.#caller.call(
      () => this.#storage.stage({ jobId, claim, items: null, once: { visit, name, value } }),
      forever,
    );
    if (reply.outcome === "lost") throw new LeaseLostError("the lease of the job is gone");
    return reply.value as Json;
  }
}

import { randomUUID } from "node:crypto";
import { readBatch, readJobId } from "#create/creation-answer";
import type { Caller } from "#http/caller";
import { AvtomatikaError } from "#http/errors";
import { heed } from "#http/heed";

/** A creation that has no key of its own. */
interface Entry {
  body: string;
  signal: AbortSignal | undefined;
  resolve(jobId: string): void;
  reject(error: unknown): void;
}

/** The most that the engine takes in one request, and the size it takes in any. */
const mostEntries = 1000;
const mostBytes = 1024 * 1024;

/**
 * Creations of one turn of the event loop and one path travel as one request. A whole batch has one generated key,
 * under which the engine knows each of its entries by its place: the same request once more gives the same jobs.
 */
export class CreationQueue {
  readonly #caller: Caller;
  #waiting = new Map<string, Entry[]>();

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** The new job's id. */
  add(path: string, body: string, signal: AbortSignal | undefined): Promise<string> {
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const entries = this.#waiting.get(path) ?? [];
    if (entries.length === 0) this.#waiting.set(path, entries);
    entries.push({ body, signal, resolve, reject });
    return heed(promise, signal);
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const [path, entries] of waiting) {
      const wanted = entries.filter(({ signal }) => signal?.aborted !== true);
      for (const group of groups(wanted)) void this.#send(path, group);
    }
  }

  /** Never rejects: every entry hears of its own fate. */
  async #send(path: string, group: readonly Entry[]): Promise<void> {
    const [first, ...others] = group as [Entry, ...Entry[]];
    if (others.length === 0) return this.#sendOne(path, first);
    const body = `{"jobs":[${group.map((entry) => entry.body).join(",")}]}`;
    try {
      const answer = await this.#caller.call({
        method: "POST",
        path: `${path}/batch`,
        body,
        idempotencyKey: this.#newKey(),
      });
      const fates = readBatch(answer, group.length);
      for (const [at, entry] of group.entries()) settle(entry, fates[at] as string | AvtomatikaError);
    } catch (error) {
      // Refused as a whole, before anything was created: what is wrong with one isn't the others' fault.
      if (error instanceof AvtomatikaError && (error.status === 400 || error.status === 413)) {
        await Promise.all(group.map((entry) => this.#sendOne(path, entry)));
      } else {
        for (const entry of group) entry.reject(error);
      }
    }
  }

  async #sendOne(path: string, { body, resolve, reject }: Entry): Promise<void> {
    try {
      resolve(readJobId(await this.#caller.call({ method: "POST", path, body, idempotencyKey: this.#newKey() })));
    } catch (error) {
      reject(error);
    }
  }

  /** Without repeats nothing has to be recognised, and the engine needn't remember the key. */
  #newKey(): string | undefined {
    return this.#caller.policy.maxRetries > 0 ? randomUUID() : undefined;
  }
}

function settle({ resolve, reject }: Entry, fate: string | AvtomatikaError): void {
  if (typeof fate === "string") resolve(fate);
  else reject(fate);
}

function groups(entries: readonly Entry[]): Entry[][] {
  const found: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.body) + 1;
    const last = found.at(-1);
    if (last === undefined || last.length === mostEntries || bytes + size > mostBytes) {
      found.push([entry]);
      bytes = size;
    } else {
      last.push(entry);
      bytes += size;
    }
  }
  return found;
}

/**
 * A bounded cache: what was used least lately goes, roughly. Two maps, since keeping an exact order costs more
 * than a miss: when the young one is full it becomes the old one, and what is used again is young again.
 */
export class Generations<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #limit: number;

  /** Keeps between `limit` and twice `limit` values. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }
  set(key: string, value: Value): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

/** Bodies above this length are read from the file each time, so that a cache's size is known. */
const longestKept = 8192;

/** What may be kept in a cache of a record with this body: itself, or null where it is too long. */
export function unlessLong<Row>(body: string, record: Row): Row | null {
  return body.length <= longestKept ? record : null;
}

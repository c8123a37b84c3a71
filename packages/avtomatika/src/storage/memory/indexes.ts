import { SortedSet } from "#storage/memory/sorted-set";

/** A sorted set per key; empty ones are let go. */
export class SortedIndex {
  readonly #sets = new Map<string, SortedSet>();

  add(key: string, score: number, id: string): void {
    const set = this.#sets.get(key) ?? new SortedSet();
    this.#sets.set(key, set);
    set.add(score, id);
  }

  delete(key: string, score: number, id: string): void {
    const set = this.#sets.get(key);
    if (set?.delete(score, id) && set.size === 0) this.#sets.delete(key);
  }

  get(key: string): SortedSet | undefined {
    return this.#sets.get(key);
  }
}

/** A set of ids per key; empty ones are let go. */
export class SetIndex {
  readonly #sets = new Map<string, Set<string>>();

  add(key: string, id: string): void {
    const set = this.#sets.get(key) ?? new Set();
    this.#sets.set(key, set);
    set.add(id);
  }

  delete(key: string, id: string): void {
    const set = this.#sets.get(key);
    if (set?.delete(id) && set.size === 0) this.#sets.delete(key);
  }

  get(key: string): readonly string[] {
    return [...(this.#sets.get(key) ?? [])];
  }

  count(key: string): number {
    return this.#sets.get(key)?.size ?? 0;
  }
}

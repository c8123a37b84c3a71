import { hashToken, isSameHash } from "#config/token-hash";

/** What a new version of a directory changed, by ids. */
export interface Change {
  added: string[];
  changed: string[];
  removed: string[];
}

/** Who may come in by which token, as the hashes of the tokens. */
export class Directory<Entry extends { id: string; hash: string }> {
  #byId: ReadonlyMap<string, Entry> = new Map();
  #byHash: ReadonlyMap<string, Entry> = new Map();

  get size(): number {
    return this.#byId.size;
  }
  get(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** Whose token it is. */
  bearer(token: string): Entry | undefined {
    return this.find(hashToken(token));
  }
  /** Whose token has that hash. */
  find(hash: string): Entry | undefined {
    const found = this.#byHash.get(hash);
    return found !== undefined && isSameHash(hash, found.hash) ? found : undefined;
  }

  /** The entries from now on. One that says what it said before stays the same object. */
  replace(entries: readonly Entry[]): Change {
    const former = this.#byId;
    const kept = entries.map((entry) => {
      const before = former.get(entry.id);
      return before !== undefined && JSON.stringify(before) === JSON.stringify(entry) ? before : entry;
    });
    this.#byId = new Map(kept.map((entry) => [entry.id, entry]));
    this.#byHash = new Map(kept.map((entry) => [entry.hash, entry]));
    return {
      added: kept.filter(({ id }) => !former.has(id)).map(({ id }) => id),
      changed: kept.filter((entry) => former.has(entry.id) && former.get(entry.id) !== entry).map(({ id }) => id),
      removed: [...former.keys()].filter((id) => !this.#byId.has(id)),
    };
  }
}

import { copy } from "#storage/memory/copy";
import { SortedSet } from "#storage/memory/sorted-set";

/** Rows under keys, that can be removed once their time is over. Nothing of it is shared with the caller. */
export class ExpiringMap<Row extends { expiresAt: number }> {
  readonly #rows = new Map<string, Row>();
  readonly #expiry = new SortedSet();

  get(key: string): Row | undefined {
    return copy(this.#rows.get(key));
  }
  put(key: string, row: Row): void {
    this.delete(key);
    this.#rows.set(key, copy(row));
    this.#expiry.add(row.expiresAt, key);
  }
  delete(key: string): void {
    const former = this.#rows.get(key);
    if (former === undefined) return;
    this.#expiry.delete(former.expiresAt, key);
    this.#rows.delete(key);
  }

  /** Removes up to `limit` rows that ran out; answers how many. */
  removeExpired(now: number, limit: number): number {
    const keys = this.#expiry.upTo(now, limit);
    for (const key of keys) this.delete(key);
    return keys.length;
  }
  nextExpiry(): number {
    return this.#expiry.first()?.score ?? Number.POSITIVE_INFINITY;
  }

  /** The rows themselves, to be looked at only. */
  values(): Iterable<Row> {
    return this.#rows.values();
  }
}

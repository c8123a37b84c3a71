import type { Json } from "#core/json";
import { copy } from "#storage/memory/copy";
import { SortedSet } from "#storage/memory/sorted-set";
import type { DedupRow, SideRows, StoredWorker } from "#storage/rows/rows";

/** Once values, dedup records, workers and standings of one shard in memory. */
export class MemorySides implements SideRows {
  readonly #once = new Map<string, { visit: number; values: Map<string, Json> }>();
  readonly #dedup = new Map<string, DedupRow>();
  readonly #dedupExpiry = new SortedSet();
  readonly #workers = new Map<string, StoredWorker>();
  readonly #workerExpiry = new SortedSet();
  readonly #standings = new Map<string, { worker: string; day: number; attempts: number; successes: number }>();

  onceValues(jobId: string, visit: number): Record<string, Json> {
    const stored = this.#once.get(jobId);
    return stored?.visit === visit ? copy(Object.fromEntries(stored.values)) : {};
  }
  putOnce(jobId: string, visit: number, name: string, value: Json): void {
    const stored = this.#once.get(jobId);
    const values = stored?.visit === visit ? stored.values : new Map<string, Json>();
    values.set(name, copy(value));
    this.#once.set(jobId, { visit, values });
  }
  dropOnce(jobId: string, beforeVisit: number): void {
    const stored = this.#once.get(jobId);
    if (stored !== undefined && stored.visit < beforeVisit) this.#once.delete(jobId);
  }

  dedup(key: string): DedupRow | undefined {
    return copy(this.#dedup.get(key));
  }
  putDedup(row: DedupRow): void {
    const former = this.#dedup.get(row.key);
    if (former !== undefined) this.#dedupExpiry.delete(former.expiresAt, row.key);
    this.#dedup.set(row.key, copy(row));
    this.#dedupExpiry.add(row.expiresAt, row.key);
  }
  removeExpiredDedup(now: number, limit: number): number {
    const keys = this.#dedupExpiry.upTo(now, limit);
    for (const key of keys) {
      this.#dedupExpiry.delete((this.#dedup.get(key) as DedupRow).expiresAt, key);
      this.#dedup.delete(key);
    }
    return keys.length;
  }

  worker(id: string): StoredWorker | undefined {
    return copy(this.#workers.get(id));
  }
  putWorker(worker: StoredWorker): void {
    this.removeWorker(worker.id);
    this.#workers.set(worker.id, copy(worker));
    this.#workerExpiry.add(worker.expiresAt, worker.id);
  }
  removeWorker(id: string): void {
    const former = this.#workers.get(id);
    if (former !== undefined) this.#workerExpiry.delete(former.expiresAt, id);
    this.#workers.delete(id);
  }
  workersSince(version: number): StoredWorker[] {
    return [...this.#workers.values()].filter((worker) => worker.version > version).map(copy);
  }
  workersBeyond(expiresAt: number): StoredWorker[] {
    const workers = [...this.#workers.values()];
    return workers.filter((worker) => worker.record !== null && worker.expiresAt > expiresAt).map(copy);
  }
  expiredWorkers(now: number, limit: number): StoredWorker[] {
    return this.#workerExpiry.upTo(now, limit).map((id) => copy(this.#workers.get(id) as StoredWorker));
  }
  nextSideExpiry(): number | null {
    const next = Math.min(this.#dedupExpiry.first()?.score ?? Infinity, this.#workerExpiry.first()?.score ?? Infinity);
    return next === Infinity ? null : next;
  }

  addStanding(worker: string, day: number, attempts: number, successes: number): void {
    const key = `${day}:${worker}`;
    const former = this.#standings.get(key) ?? { worker, day, attempts: 0, successes: 0 };
    const sum = { attempts: former.attempts + attempts, successes: former.successes + successes };
    this.#standings.set(key, { ...former, ...sum });
  }
  standings(sinceDay: number): { worker: string; attempts: number; successes: number }[] {
    const sums = new Map<string, { worker: string; attempts: number; successes: number }>();
    for (const { worker, day, attempts, successes } of this.#standings.values()) {
      if (day < sinceDay) continue;
      const sum = sums.get(worker) ?? { worker, attempts: 0, successes: 0 };
      sums.set(worker, { worker, attempts: sum.attempts + attempts, successes: sum.successes + successes });
    }
    return [...sums.values()];
  }
  removeStandings(beforeDay: number): void {
    for (const [key, { day }] of this.#standings) if (day < beforeDay) this.#standings.delete(key);
  }
}

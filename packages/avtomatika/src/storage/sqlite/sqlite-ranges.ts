import type { RangeRow } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";

/** Ranges in SQLite. One from which many branches are drawn in a commit is written once. */
export class SqliteRanges {
  readonly #dirty = new Map<string, RangeRow>();
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  load(): void {
    this.#dirty.clear();
  }
  flush(): void {
    if (this.#dirty.size === 0) return;
    for (const range of this.#dirty.values()) {
      this.#statements.put(range.jobId, range.wait, range.group, range.due, JSON.stringify(range));
    }
    this.#dirty.clear();
  }

  range(jobId: string, wait: number, group: number): RangeRow | undefined {
    const dirty = this.#dirty.get(`${jobId}:${wait}:${group}`);
    if (dirty !== undefined) return { ...dirty };
    const body = this.#statements.read(jobId, wait, group);
    return body === undefined ? undefined : (JSON.parse(body) as RangeRow);
  }
  putRange(range: RangeRow): void {
    this.#dirty.set(keyOf(range), { ...range });
  }
  removeRange(range: RangeRow): void {
    this.#dirty.delete(keyOf(range));
    this.#statements.remove(range.jobId, range.wait, range.group);
  }
  rangesOf(jobId: string, wait: number): RangeRow[] {
    this.flush();
    return parse(this.#statements.ofJoin(jobId, wait));
  }
  dueRanges(now: number, limit: number): RangeRow[] {
    this.flush();
    return parse(this.#statements.due(now, limit));
  }
  nextRangeDue(): number | null {
    this.flush();
    return this.#statements.nextDue() ?? null;
  }
  /** Removes up to `limit` ranges of a job; answers how many. */
  removeRangesOf(jobId: string, limit: number): number {
    this.flush();
    return this.#statements.removeOf(jobId, limit);
  }
}

function keyOf(range: RangeRow): string {
  return `${range.jobId}:${range.wait}:${range.group}`;
}

function parse(bodies: string[]): RangeRow[] {
  return bodies.map((body) => JSON.parse(body) as RangeRow);
}

function prepare(db: Database) {
  return {
    read: db.value<string>("SELECT body FROM branch_range WHERE job = ? AND wait = ? AND part = ?"),
    put: db.write(
      `INSERT INTO branch_range (job, wait, part, due, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET due = excluded.due, body = excluded.body`,
    ),
    remove: db.write("DELETE FROM branch_range WHERE job = ? AND wait = ? AND part = ?"),
    ofJoin: db.column<string>("SELECT body FROM branch_range WHERE job = ? AND wait = ?"),
    due: db.column<string>("SELECT body FROM branch_range WHERE due <= ? ORDER BY due, job, wait, part LIMIT 0 + ?"),
    nextDue: db.value<number | null>("SELECT min(due) FROM branch_range WHERE due IS NOT NULL"),
    removeOf: db.write(
      `DELETE FROM branch_range WHERE job = ?1 AND (wait, part) IN
       (SELECT wait, part FROM branch_range WHERE job = ?1 LIMIT 0 + ?2)`,
    ),
  };
}

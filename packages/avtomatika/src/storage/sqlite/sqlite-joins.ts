import type { JoinRecord } from "#core/join";
import { copyJoin } from "#storage/sqlite/copy-records";
import type { Database } from "#storage/sqlite/database";
import { Generations } from "#storage/sqlite/generations";

/** Joins in SQLite. Each is written once per commit, however many of its branches were settled in it. */
export class SqliteJoins {
  readonly #kept = new Generations<JoinRecord>(2000);
  readonly #dirty = new Map<string, JoinRecord>();
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  load(): void {
    this.#kept.clear();
    this.#dirty.clear();
  }
  flush(): void {
    if (this.#dirty.size === 0) return;
    for (const join of this.#dirty.values()) this.#statements.put(join.jobId, join.wait, JSON.stringify(join));
    this.#dirty.clear();
  }

  join(jobId: string, wait: number): JoinRecord | undefined {
    const key = `${jobId}:${wait}`;
    const dirty = this.#dirty.get(key);
    const known = dirty ?? this.#kept.get(key);
    if (known !== undefined) return copyJoin(known);
    const body = this.#statements.read(jobId, wait);
    if (body === undefined) return undefined;
    this.#kept.set(key, JSON.parse(body) as JoinRecord);
    return JSON.parse(body) as JoinRecord;
  }
  putJoin(join: JoinRecord): void {
    const key = `${join.jobId}:${join.wait}`;
    const kept = copyJoin(join);
    this.#dirty.set(key, kept);
    this.#kept.set(key, kept);
  }
  /** Removes up to `limit` joins of a job; answers how many. */
  removeJoinsOf(jobId: string, limit: number): number {
    this.flush();
    const waits = this.#statements.waitsOf(jobId, limit);
    for (const wait of waits) {
      this.#statements.remove(jobId, wait);
      this.#kept.delete(`${jobId}:${wait}`);
    }
    return waits.length;
  }
}

function prepare(db: Database) {
  return {
    read: db.value<string>("SELECT body FROM branch_join WHERE job = ? AND wait = ?"),
    put: db.write(
      "INSERT INTO branch_join (job, wait, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
    ),
    waitsOf: db.column<number>("SELECT wait FROM branch_join WHERE job = ? LIMIT 0 + ?"),
    remove: db.write("DELETE FROM branch_join WHERE job = ? AND wait = ?"),
  };
}

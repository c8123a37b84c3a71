import type { ClosingRow, ClosingRows } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";

/** Joins whose closing is under way, in SQLite. */
export class SqliteClosings implements ClosingRows {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  closing(jobId: string, wait: number): ClosingRow | undefined {
    return this.#statements.find(jobId, wait);
  }
  putClosing({ jobId, wait, at, next }: ClosingRow): void {
    this.#statements.put(jobId, wait, at, next);
  }
  removeClosing({ jobId, wait }: ClosingRow): void {
    this.#statements.remove(jobId, wait);
  }
  firstClosing(): ClosingRow | undefined {
    return this.#statements.first();
  }
}

function prepare(db: Database) {
  const columns = 'job AS jobId, wait, at, "next"';
  return {
    find: db.row<ClosingRow>(`SELECT ${columns} FROM closing WHERE job = ? AND wait = ?`),
    put: db.write('INSERT OR REPLACE INTO closing (job, wait, at, "next") VALUES (?, ?, ?, ?)'),
    remove: db.write("DELETE FROM closing WHERE job = ? AND wait = ?"),
    first: db.row<ClosingRow>(`SELECT ${columns} FROM closing ORDER BY at, job, wait LIMIT 1`),
  };
}

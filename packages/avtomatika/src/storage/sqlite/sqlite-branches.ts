import type { JoinRecord } from "#core/join";
import type { TaskItem, TaskResult } from "#core/task";
import type { BranchRows, RangeRow } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";
import { SqliteJoins } from "#storage/sqlite/sqlite-joins";
import { SqliteRanges } from "#storage/sqlite/sqlite-ranges";
import type { SqliteTasks } from "#storage/sqlite/sqlite-tasks";

/** Joins, ranges, items and results in SQLite. */
export class SqliteBranches implements BranchRows {
  readonly #joins: SqliteJoins;
  readonly #ranges: SqliteRanges;
  readonly #tasks: SqliteTasks;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database, tasks: SqliteTasks) {
    this.#joins = new SqliteJoins(db);
    this.#ranges = new SqliteRanges(db);
    this.#tasks = tasks;
    this.#statements = prepare(db);
  }

  load(): void {
    this.#joins.load();
    this.#ranges.load();
  }
  flush(): void {
    this.#joins.flush();
    this.#ranges.flush();
  }

  join(jobId: string, wait: number): JoinRecord | undefined {
    return this.#joins.join(jobId, wait);
  }
  putJoin(join: JoinRecord): void {
    this.#joins.putJoin(join);
  }
  range(jobId: string, wait: number, group: number): RangeRow | undefined {
    return this.#ranges.range(jobId, wait, group);
  }
  putRange(range: RangeRow): void {
    this.#ranges.putRange(range);
  }
  removeRange(range: RangeRow): void {
    this.#ranges.removeRange(range);
  }
  rangesOf(jobId: string, wait: number): RangeRow[] {
    return this.#ranges.rangesOf(jobId, wait);
  }
  dueRanges(now: number, limit: number): RangeRow[] {
    return this.#ranges.dueRanges(now, limit);
  }
  nextRangeDue(): number | null {
    return this.#ranges.nextRangeDue();
  }

  item(jobId: string, wait: number, group: number, position: number): TaskItem | undefined {
    const body = this.#statements.item(jobId, wait, group, position);
    return body === undefined ? undefined : (JSON.parse(body) as TaskItem);
  }
  putItems(jobId: string, wait: number, group: number, start: number, items: readonly TaskItem[]): void {
    for (const [at, item] of items.entries()) {
      this.#statements.putItem(jobId, wait, group, start + at, JSON.stringify(item));
    }
  }

  result(jobId: string, wait: number, index: number): TaskResult | undefined {
    const body = this.#statements.result(jobId, wait, index);
    return body === undefined ? undefined : (JSON.parse(body) as TaskResult);
  }
  putResult(result: TaskResult): void {
    this.#statements.putResult(result.jobId, result.wait, result.index, JSON.stringify(result));
  }
  results(jobId: string, wait: number, from: number, limit: number): TaskResult[] {
    return this.#statements.results(jobId, wait, from, limit).map((body) => JSON.parse(body) as TaskResult);
  }

  removeBranches(jobId: string, limit: number): number {
    const { removeResults, removeItems, removeOnce } = this.#statements;
    let left = limit;
    const removals = [
      removeResults,
      removeItems,
      removeOnce,
      (id: string, most: number) => this.#tasks.removeTasksOf(id, most),
      (id: string, most: number) => this.#ranges.removeRangesOf(id, most),
      // The joins last: while one is left, the rows of its wait may be.
      (id: string, most: number) => this.#joins.removeJoinsOf(id, most),
    ];
    for (const remove of removals) if (left > 0) left -= remove(jobId, left);
    return limit - left;
  }
}

function prepare(db: Database) {
  const removeOf = (table: string, keys: string) =>
    db.write(
      `DELETE FROM ${table} WHERE job = ?1 AND (${keys}) IN (SELECT ${keys} FROM ${table} WHERE job = ?1 LIMIT 0 + ?2)`,
    );
  return {
    item: db.value<string>("SELECT body FROM item WHERE job = ? AND wait = ? AND part = ? AND place = ?"),
    putItem: db.write("INSERT OR REPLACE INTO item (job, wait, part, place, body) VALUES (?, ?, ?, ?, ?)"),
    result: db.value<string>("SELECT body FROM result WHERE job = ? AND wait = ? AND place = ?"),
    putResult: db.write("INSERT OR REPLACE INTO result (job, wait, place, body) VALUES (?, ?, ?, ?)"),
    results: db.column<string>(
      "SELECT body FROM result WHERE job = ? AND wait = ? AND place >= ? ORDER BY place LIMIT 0 + ?",
    ),
    removeResults: removeOf("result", "wait, place"),
    removeItems: removeOf("item", "wait, part, place"),
    removeOnce: removeOf("once", "visit, name"),
  };
}

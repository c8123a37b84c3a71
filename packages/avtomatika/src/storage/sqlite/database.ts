import type { DatabaseSync } from "node:sqlite";
import { nodeSqlite } from "#storage/sqlite/node-sqlite";
import { placeValues } from "#storage/sqlite/place-values";

export type Value = string | number | null;

/**
 * One SQLite file. Statements are prepared once and live as long as the functions that `write`, `row` … return:
 * a closure is their strong reference.
 */
export class Database {
  readonly #database: DatabaseSync;
  /** Something was changed since the last `begin`: only then a commit costs a write to the disk. */
  wrote = false;

  constructor(path: string, options: { readOnly?: boolean } = {}) {
    const { DatabaseSync } = nodeSqlite();
    this.#database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: 100 });
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }
  begin(): void {
    this.wrote = false;
    this.exec("BEGIN IMMEDIATE");
  }
  /** SQLite ends some failed transactions itself. */
  rollback(): void {
    if (this.#database.isTransaction) this.exec("ROLLBACK");
  }
  close(): void {
    this.#database.close();
  }

  /** Answers how many rows were changed. */
  write(sql: string): (...values: Value[]) => number {
    const { statement, place } = this.#prepare(sql);
    return (...values) => {
      const changes = statement.run(...place(values)).changes as number;
      if (changes > 0) this.wrote = true;
      return changes;
    };
  }
  row<Row>(sql: string): (...values: Value[]) => Row | undefined {
    const { statement, place } = this.#prepare(sql);
    return (...values) => statement.get(...place(values)) as Row | undefined;
  }
  rows<Row>(sql: string): (...values: Value[]) => Row[] {
    const { statement, place } = this.#prepare(sql);
    return (...values) => statement.all(...place(values)) as Row[];
  }
  /** The first column of the first row. */
  value<T extends Value>(sql: string): (...values: Value[]) => T | undefined {
    const { statement, place } = this.#prepare(sql);
    statement.setReturnArrays(true);
    return (...values) => (statement.get(...place(values)) as unknown as [T] | undefined)?.[0];
  }
  /** The first column of every row. */
  column<T extends Value>(sql: string): (...values: Value[]) => T[] {
    const { statement, place } = this.#prepare(sql);
    statement.setReturnArrays(true);
    return (...values) => (statement.all(...place(values)) as unknown as [T][]).map(([value]) => value);
  }

  #prepare(text: string) {
    const { sql, places } = placeValues(text);
    const statement = this.#database.prepare(sql);
    const place = (values: Value[]): Value[] => (places === null ? values : places.map((at) => values[at] as Value));
    return { statement, place };
  }
}

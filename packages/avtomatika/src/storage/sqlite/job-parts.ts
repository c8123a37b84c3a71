import type { JobInitial } from "#core/job";
import type { JsonObject } from "#core/json";
import type { Database, Value } from "#storage/sqlite/database";

/** `stateHistory` and the initial data, in tables of their own: a commit doesn't write them again. */
export class JobParts {
  readonly #data: Part;
  readonly #initial: Part;

  constructor(db: Database) {
    this.#data = new Part(db, "job_data");
    this.#initial = new Part(db, "job_initial");
  }

  /** Empty data has no row: most jobs begin so. */
  data(n: number): JsonObject {
    const body = this.#data.read(n);
    return body === undefined ? {} : (JSON.parse(body) as JsonObject);
  }
  putData(n: number, data: JsonObject, isNew: boolean): void {
    const body = JSON.stringify(data);
    if (body !== "{}") this.#data.put(n, body);
    else if (!isNew) this.#data.remove(n);
  }
  initial(n: number): JobInitial {
    return JSON.parse(this.#initial.read(n) as string) as JobInitial;
  }
  putInitial(n: number, initial: JobInitial): void {
    this.#initial.put(n, JSON.stringify(initial));
  }
  remove(n: number): void {
    this.#data.remove(n);
    this.#initial.remove(n);
  }
}

class Part {
  readonly read: (n: number) => string | undefined;
  readonly put: (...values: Value[]) => number;
  readonly remove: (n: number) => number;

  constructor(db: Database, table: string) {
    this.read = db.value<string>(`SELECT body FROM ${table} WHERE n = ?`);
    this.put = db.write(`INSERT INTO ${table} (n, body) VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body`);
    this.remove = db.write(`DELETE FROM ${table} WHERE n = ?`);
  }
}

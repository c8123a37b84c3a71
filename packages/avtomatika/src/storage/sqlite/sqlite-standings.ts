import type { Database } from "#storage/sqlite/database";

type Standing = { worker: string; attempts: number; successes: number };

/** Attempts per worker and day: added up in memory, written once per commit. */
export class SqliteStandings {
  readonly #changes = new Map<string, Standing & { day: number }>();
  readonly #add: (day: number, worker: string, attempts: number, successes: number) => void;
  readonly #since: (day: number) => Standing[];
  readonly #removeBefore: (day: number) => void;

  constructor(db: Database) {
    this.#add = db.write(
      `INSERT INTO standing (day, worker, attempts, successes) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET attempts = attempts + excluded.attempts, successes = successes + excluded.successes`,
    );
    this.#since = db.rows<Standing>(
      `SELECT json_quote(worker) AS worker, sum(attempts) AS attempts, sum(successes) AS successes FROM standing
       WHERE day >= ? GROUP BY worker`,
    );
    this.#removeBefore = db.write("DELETE FROM standing WHERE day < ?");
  }

  load(): void {
    this.#changes.clear();
  }
  flush(): void {
    if (this.#changes.size === 0) return;
    for (const { day, worker, attempts, successes } of this.#changes.values()) {
      this.#add(day, worker, attempts, successes);
    }
    this.#changes.clear();
  }

  add(worker: string, day: number, attempts: number, successes: number): void {
    const key = `${day}:${worker}`;
    const sum = this.#changes.get(key);
    if (sum === undefined) {
      this.#changes.set(key, { worker, day, attempts, successes });
      return;
    }
    sum.attempts += attempts;
    sum.successes += successes;
  }
  since(day: number): Standing[] {
    this.flush();
    return this.#since(day).map((row) => ({ ...row, worker: JSON.parse(row.worker) as string }));
  }
  removeBefore(day: number): void {
    this.flush();
    this.#removeBefore(day);
  }
}

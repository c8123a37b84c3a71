import { type JobStatus, jobStatuses } from "#core/status";
import type { Database } from "#storage/sqlite/database";

const everybody = "*";

/**
 * How many jobs there are per owner and status, and how many are ready: a dashboard reads a dozen rows instead of
 * all jobs. Changes are added up in memory and written once per commit.
 */
export class JobCounts {
  readonly #read: (scope: string) => { what: string; jobs: number }[];
  readonly #add: (scope: string, what: string, change: number) => void;
  readonly #dropEmpty: (scope: string, what: string) => void;
  readonly #changes = new Map<string, Map<string, number>>();

  constructor(db: Database) {
    this.#read = db.rows("SELECT what, jobs FROM job_count WHERE scope = ?");
    this.#add = db.write(
      "INSERT INTO job_count (scope, what, jobs) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs",
    );
    this.#dropEmpty = db.write("DELETE FROM job_count WHERE scope = ? AND what = ? AND jobs = 0");
  }

  load(): void {
    this.#changes.clear();
  }
  flush(): void {
    for (const [scope, changes] of this.#changes) {
      for (const [what, change] of changes) {
        if (change === 0) continue;
        this.#add(scope, what, change);
        // Owners come and go: none of them leaves rows behind.
        if (change < 0) this.#dropEmpty(scope, what);
      }
    }
    this.#changes.clear();
  }

  /** A job left one count and entered another; undefined for none. */
  move(owner: string, from: string | undefined, to: string | undefined): void {
    for (const scope of [everybody, scopeOf(owner)]) {
      let changes = this.#changes.get(scope);
      if (changes === undefined) {
        changes = new Map();
        this.#changes.set(scope, changes);
      }
      if (from !== undefined) changes.set(from, (changes.get(from) ?? 0) - 1);
      if (to !== undefined) changes.set(to, (changes.get(to) ?? 0) + 1);
    }
  }

  byStatus(owner: string | null): Record<JobStatus, number> {
    const counts = this.#counts(owner);
    return Object.fromEntries(jobStatuses.map((status) => [status, counts.get(status) ?? 0])) as Record<
      JobStatus,
      number
    >;
  }
  ready(owner: string | null): number {
    return this.#counts(owner).get("ready") ?? 0;
  }

  #counts(owner: string | null): Map<string, number> {
    this.flush();
    return new Map(this.#read(owner === null ? everybody : scopeOf(owner)).map(({ what, jobs }) => [what, jobs]));
  }
}

/** No owner's name can be taken for everybody. */
function scopeOf(owner: string): string {
  return `=${owner}`;
}

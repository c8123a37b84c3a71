import type { Database } from "#storage/sqlite/database";

/** Below this many free pages a file isn't worth shrinking (1 MB). */
const leastFree = 256;
/** Pages given back at once: about 2 ms. */
const pagesPerStep = 256;

/** Gives free pages back to the disk, a step at a time; a tenth of the file is left for what comes next. */
export class Shrink {
  readonly #db: Database;
  readonly #free: () => number | undefined;
  readonly #pages: () => number | undefined;

  constructor(db: Database) {
    this.#db = db;
    this.#free = db.value<number>("PRAGMA freelist_count");
    this.#pages = db.value<number>("PRAGMA page_count");
  }

  step(): void {
    const free = this.#free() ?? 0;
    if (free <= leastFree || free <= (this.#pages() ?? 0) / 10) return;
    try {
      this.#db.exec(`PRAGMA incremental_vacuum(${pagesPerStep})`);
    } catch {
      // A full disk, most likely. What the calls wrote is committed, and the next purge tries again.
    }
  }
}

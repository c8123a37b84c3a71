import type { DatabaseSync } from "node:sqlite";
import { AvtomatikaError } from "#core/errors";
import { nodeSqlite } from "#storage/sqlite/node-sqlite";
import { isBusy } from "#storage/sqlite/sqlite-fault";

/**
 * One engine per file: a lock on a sibling file, that the system lets go when the process ends, however it ends.
 * A lock on the store itself would keep auditors, backups and the `sqlite3` shell out as well. The sibling stays
 * when the lock is released: removing it would let two openers hold two files of one name.
 */
export class FileLock {
  readonly #database: DatabaseSync;

  /** Throws `store_in_use` at once if another engine has the file, in this process or another. */
  constructor(path: string) {
    const { DatabaseSync } = nodeSqlite();
    this.#database = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    try {
      this.#database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    } catch (error) {
      this.#database.close();
      if (!isBusy(error)) throw error;
      const remedy = "Stop the other engine, give this one a path of its own, or use Redis for several engines.";
      throw new AvtomatikaError("store_in_use", `${path} is in use by another engine. ${remedy}`, { cause: error });
    }
  }

  release(): void {
    this.#database.close();
  }
}

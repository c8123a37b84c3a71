import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { combineRows } from "#storage/rows/combine-rows";
import type { Rows } from "#storage/rows/rows";
import { Database } from "#storage/sqlite/database";
import { FileLock } from "#storage/sqlite/file-lock";
import { prepareFile } from "#storage/sqlite/schema";
import { SqliteBranches } from "#storage/sqlite/sqlite-branches";
import { SqliteClosings } from "#storage/sqlite/sqlite-closings";
import { SqliteCounters } from "#storage/sqlite/sqlite-counters";
import { openFault } from "#storage/sqlite/sqlite-fault";
import { SqliteJobs } from "#storage/sqlite/sqlite-jobs";
import { SqliteMeta } from "#storage/sqlite/sqlite-meta";
import { SqliteQueues } from "#storage/sqlite/sqlite-queues";
import { SqliteSides } from "#storage/sqlite/sqlite-sides";
import { SqliteTasks } from "#storage/sqlite/sqlite-tasks";

/** The file with its lock and the rows in it, held from open to close. */
export class StoreFile {
  readonly path: string;
  readonly db: Database;
  readonly meta: SqliteMeta;
  readonly rows: Rows;
  readonly #lock: FileLock;
  readonly #jobs: SqliteJobs;
  readonly #tasks: SqliteTasks;
  readonly #queues: SqliteQueues;
  readonly #branches: SqliteBranches;
  readonly #sides: SqliteSides;

  constructor(path: string, db: Database, lock: FileLock) {
    this.path = path;
    this.db = db;
    this.#lock = lock;
    this.meta = new SqliteMeta(db);
    this.#jobs = new SqliteJobs(db);
    this.#tasks = new SqliteTasks(db);
    this.#queues = new SqliteQueues(db, this.meta);
    this.#branches = new SqliteBranches(db, this.#tasks);
    this.#sides = new SqliteSides(db);
    const [closings, counters] = [new SqliteClosings(db), new SqliteCounters(db)];
    this.rows = combineRows(
      this.#jobs,
      this.#tasks,
      this.#queues,
      this.#branches,
      closings,
      this.#sides,
      counters,
      this.meta,
    );
  }

  /** Reads what is held in memory, and forgets whatever a rolled back transaction left there. */
  load(now: number): void {
    this.meta.load();
    const time = this.meta.tick(now);
    this.#jobs.load();
    this.#tasks.load();
    this.#queues.load(time);
    this.#branches.load();
    this.#sides.load();
  }
  /** Writes what is held back until the commit. The meta row last: it is written if anything was. */
  flush(): void {
    this.#jobs.flush();
    this.#branches.flush();
    this.#sides.flush();
    this.meta.flush();
  }
  takeOver(now: number): void {
    this.db.begin();
    this.load(now);
    this.#jobs.voidLeases();
    this.flush();
    this.db.exec("COMMIT");
  }

  /** Whatever fails here loses nothing: the log holds every commit until it is copied into the file. */
  close(): void {
    try {
      this.db.rollback();
      this.db.begin();
      this.meta.keepMark();
      this.meta.flush();
      this.db.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
    } catch {
      // See above.
    } finally {
      this.db.close();
      this.#lock.release();
    }
  }
}

/** Takes the lock, opens or makes the file, and makes the jobs of a former process due. */
export function openStoreFile(path: string, synchronous: "FULL" | "NORMAL", now: number): StoreFile {
  let lock: FileLock | null = null;
  let db: Database | null = null;
  let real = resolve(path);
  try {
    mkdirSync(dirname(real), { recursive: true });
    real = realPath(real);
    lock = new FileLock(real);
    db = new Database(real);
    prepareFile(db, real);
    db.exec(pragmas(synchronous));
    const file = new StoreFile(real, db, lock);
    file.takeOver(now);
    return file;
  } catch (error) {
    db?.close();
    lock?.release();
    throw openFault(real, error);
  }
}

/** One lock per file, by whatever links it was named. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

/** A checkpoint every 8 MB of log: half of that writes hot pages twice as often, more makes longer pauses. */
function pragmas(synchronous: "FULL" | "NORMAL"): string {
  return `
    PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = OFF;
    PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;`;
}

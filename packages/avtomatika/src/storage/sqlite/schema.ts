import { AvtomatikaError } from "#core/errors";
import type { Database } from "#storage/sqlite/database";

/** The layout of the file. It is raised with every change that an older release couldn't work with. */
const storeFormat = 1;
/** "AVTM": marks the file as ours. */
const applicationId = 0x4156544d;

/** Files of this format that were made before them lack them: they are added at the opening, and no reader minds. */
const laterTables = `
CREATE TABLE IF NOT EXISTS charge (
  job TEXT PRIMARY KEY, owner TEXT NOT NULL, period TEXT NOT NULL, state TEXT NOT NULL, expires REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS charge_expires ON charge (expires);
CREATE TABLE IF NOT EXISTS quota (
  owner TEXT NOT NULL, period TEXT NOT NULL, used INTEGER NOT NULL, expires REAL NOT NULL, PRIMARY KEY (owner, period)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS quota_expires ON quota (expires);
CREATE TABLE IF NOT EXISTS bucket (
  key TEXT PRIMARY KEY, body TEXT NOT NULL, expires REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bucket_expires ON bucket (expires);
CREATE TABLE IF NOT EXISTS closing (
  job TEXT NOT NULL, wait INTEGER NOT NULL, at REAL NOT NULL, "next" INTEGER NOT NULL, PRIMARY KEY (job, wait)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS closing_at ON closing (at, job, wait);
`;

/** What each table holds is told in the README. Times are REAL: nobody promises whole milliseconds. */
const tables = `
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL, sequence INTEGER NOT NULL, lane INTEGER NOT NULL,
  worker INTEGER NOT NULL, last_call REAL, clock REAL NOT NULL, outages TEXT NOT NULL
) STRICT;
CREATE TABLE job (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, blueprint TEXT NOT NULL, owner TEXT NOT NULL, status TEXT NOT NULL,
  created REAL NOT NULL, queue TEXT, ready INTEGER, wake REAL, lease REAL, expiry REAL, body TEXT NOT NULL
) STRICT;
CREATE INDEX job_by_owner ON job (owner, status, created, id);
CREATE INDEX job_by_status ON job (status, created, id);
CREATE INDEX job_ready ON job (queue, ready) WHERE ready IS NOT NULL;
CREATE INDEX job_wake ON job (wake) WHERE wake IS NOT NULL;
CREATE INDEX job_lease ON job (lease) WHERE lease IS NOT NULL;
CREATE INDEX job_expiry ON job (expiry) WHERE expiry IS NOT NULL;
CREATE TABLE job_data (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE job_initial (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE job_count (
  scope TEXT NOT NULL, what TEXT NOT NULL, jobs INTEGER NOT NULL, PRIMARY KEY (scope, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE task (
  job TEXT NOT NULL, wait INTEGER NOT NULL, place INTEGER NOT NULL, kind INTEGER, due REAL, body TEXT NOT NULL,
  PRIMARY KEY (job, wait, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_due ON task (kind, due) WHERE kind IS NOT NULL;
CREATE TABLE lane (n INTEGER PRIMARY KEY, version INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE entry (
  lane INTEGER NOT NULL, score INTEGER NOT NULL, job TEXT NOT NULL, wait INTEGER NOT NULL, ref INTEGER NOT NULL,
  PRIMARY KEY (lane, score, job, wait, ref)
) STRICT, WITHOUT ROWID;
CREATE TABLE branch_join (
  job TEXT NOT NULL, wait INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job, wait)
) STRICT, WITHOUT ROWID;
CREATE TABLE branch_range (
  job TEXT NOT NULL, wait INTEGER NOT NULL, part INTEGER NOT NULL, due REAL, body TEXT NOT NULL,
  PRIMARY KEY (job, wait, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX branch_range_due ON branch_range (due) WHERE due IS NOT NULL;
CREATE TABLE item (
  job TEXT NOT NULL, wait INTEGER NOT NULL, part INTEGER NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (job, wait, part, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE result (
  job TEXT NOT NULL, wait INTEGER NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job, wait, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE once (
  job TEXT NOT NULL, visit INTEGER NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job, visit, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE dedup (
  key TEXT PRIMARY KEY, job TEXT NOT NULL, fingerprint TEXT NOT NULL, expires REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dedup_expires ON dedup (expires);
CREATE TABLE worker (
  id TEXT PRIMARY KEY, seen REAL NOT NULL, expires REAL NOT NULL, version INTEGER NOT NULL, body TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX worker_version ON worker (version);
CREATE INDEX worker_expires ON worker (expires);
CREATE TABLE standing (
  day INTEGER NOT NULL, worker TEXT NOT NULL, attempts INTEGER NOT NULL, successes INTEGER NOT NULL,
  PRIMARY KEY (day, worker)
) STRICT, WITHOUT ROWID;
${laterTables}
INSERT INTO meta VALUES (1, ${storeFormat}, 0, 0, 0, NULL, 0, '[]');
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${storeFormat};
`;

/** Makes a new file's tables, or refuses a file that isn't ours or is of a later format. */
export function prepareFile(db: Database, path: string): void {
  const isEmpty = db.value("SELECT count(*) FROM sqlite_master")() === 0;
  if (!isEmpty) {
    checkFormat(db, path);
    return db.exec(`BEGIN IMMEDIATE; ${laterTables} COMMIT;`);
  }
  // Before anything is written: SQLite can't change it in a file that has a page.
  db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;");
  // One transaction: a file of which the making was cut is still an empty one.
  db.exec(`BEGIN IMMEDIATE; ${tables} COMMIT;`);
}

/** Throws `store_format` unless this release can read the file. */
export function checkFormat(db: Database, path: string): void {
  if (db.value("PRAGMA application_id")() !== applicationId) {
    const remedy = "Name another path for the store, or move that file away.";
    throw new AvtomatikaError("store_format", `${path} is a SQLite file of another program. ${remedy}`);
  }
  const format = db.value<number>("PRAGMA user_version")() as number;
  if (format > storeFormat) {
    const found = `${path} has store format ${format}, this release of avtomatika reads up to ${storeFormat}.`;
    const remedy = "Start the release that wrote it or a later one, or name another path for the store.";
    throw new AvtomatikaError("store_format", `${found} ${remedy}`);
  }
}

import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AvtomatikaError } from "#core/errors";
import { Database } from "#storage/sqlite/database";
import { checkFormat } from "#storage/sqlite/schema";
import { openFault } from "#storage/sqlite/sqlite-fault";

/** What was copied. Paths are absolute. */
export interface Backup {
  source: string;
  target: string;
  jobs: number;
  bytes: number;
}

/** An engine that opens or closes its file has it to itself for a moment. */
const patienceMs = 10_000;

/**
 * Copies a store as it is at one instant, whether an engine has it open or not: that one goes on reading and writing.
 * The target appears complete and synced, or not at all; what stands there is never overwritten.
 * @throws AvtomatikaError `not_found` without a source, `conflict` for a target that is there, `store_format` and
 * `store_unavailable` for a source or target that can't be used
 */
export function backUpSqlite(from: string, to: string): Backup {
  const [source, target] = [resolve(from), resolve(to)];
  if (!existsSync(source)) throw new AvtomatikaError("not_found", `there is no store to copy: ${source} doesn't exist`);
  refuseTaken(target);
  refuseFolderless(target);
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  try {
    const jobs = copyInto(source, draft);
    sync(draft);
    const bytes = statSync(draft).size;
    publish(draft, target);
    return { source, target, jobs, bytes };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A log that a former file left would be read as the new one's: it counts as the target too. */
function refuseTaken(target: string): void {
  const taken = [target, `${target}-wal`, `${target}-journal`].find((path) => existsSync(path));
  if (taken === undefined) return;
  const what = statSync(taken).isDirectory() ? "is a folder: name a file in it" : "is there already";
  throw new AvtomatikaError("conflict", `${taken} ${what}. A backup never overwrites: name another target.`);
}

function refuseFolderless(target: string): void {
  const folder = dirname(target);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new AvtomatikaError("not_found", `there is no folder ${folder} for the backup: make it first`);
}

/** One read transaction, so one instant; in WAL it holds up nobody. Free pages aren't copied. */
function copyInto(source: string, draft: string): number {
  const db = openSource(source);
  try {
    // It takes an empty file as well, and this one is no more open to others than the source.
    const mode = statSync(source).mode & 0o777;
    closeSync(openSync(draft, "wx", mode));
    db.write("VACUUM INTO ?")(draft);
    return countJobs(draft);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    throw unfinished(source, draft, error);
  } finally {
    db.close();
  }
}

function openSource(path: string): Database {
  let db: Database | undefined;
  try {
    db = new Database(path, { readOnly: true });
    db.exec(`PRAGMA busy_timeout = ${patienceMs}`);
    checkFormat(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw openFault(path, error);
  }
}

/** Opens the copy: what can't be read is no backup. */
function countJobs(path: string): number {
  const db = new Database(path, { readOnly: true });
  try {
    return db.value<number>("SELECT count(*) FROM job")() ?? 0;
  } finally {
    db.close();
  }
}

function unfinished(source: string, draft: string, error: unknown): AvtomatikaError {
  const text = error instanceof Error ? error.message : String(error);
  const message = `copying ${source} into ${dirname(draft)} failed: ${text}`;
  return new AvtomatikaError("store_unavailable", message, { cause: error });
}

/** `VACUUM INTO` leaves that to the caller. */
function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A link, unlike a rename, fails if somebody made the target meanwhile. Not every file system has links. */
function publish(draft: string, target: string): void {
  try {
    linkSync(draft, target);
  } catch (error) {
    refuseTaken(target);
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    renameSync(draft, target);
  }
  sync(dirname(target));
}

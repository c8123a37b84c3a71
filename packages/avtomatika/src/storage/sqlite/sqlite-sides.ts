import type { Json, JsonObject } from "#core/json";
import type { DedupRow, SideRows, StoredWorker } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";
import { SqliteStandings } from "#storage/sqlite/sqlite-standings";

interface WorkerBody {
  id: string;
  seen: number;
  expires: number;
  version: number;
  body: string | null;
}

/**
 * Once values, dedup records, workers and standings in SQLite. Texts of users are read as JSON (`json_quote`), because
 * Node 22 reads a text up to its first NUL.
 */
export class SqliteSides implements SideRows {
  readonly #standings: SqliteStandings;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#standings = new SqliteStandings(db);
    this.#statements = prepare(db);
  }

  load(): void {
    this.#standings.load();
  }
  flush(): void {
    this.#standings.flush();
  }

  onceValues(jobId: string, visit: number): Record<string, Json> {
    const rows = this.#statements.once(jobId, visit);
    return Object.fromEntries(rows.map(({ name, body }) => [JSON.parse(name) as string, JSON.parse(body) as Json]));
  }
  putOnce(jobId: string, visit: number, name: string, value: Json): void {
    this.#statements.putOnce(jobId, visit, name, JSON.stringify(value));
  }
  dropOnce(jobId: string, beforeVisit: number): void {
    this.#statements.dropOnce(jobId, beforeVisit);
  }

  dedup(key: string): DedupRow | undefined {
    const row = this.#statements.dedup(key);
    return row && { ...row, key, fingerprint: JSON.parse(row.fingerprint) as string };
  }
  putDedup({ key, jobId, fingerprint, expiresAt }: DedupRow): void {
    this.#statements.putDedup(key, jobId, fingerprint, expiresAt);
  }
  removeExpiredDedup(now: number, limit: number): number {
    return this.#statements.removeExpiredDedup(now, limit);
  }

  worker(id: string): StoredWorker | undefined {
    const row = this.#statements.worker(id);
    return row && workerOf(row);
  }
  putWorker({ id, record, seenAt, expiresAt, version }: StoredWorker): void {
    this.#statements.putWorker(id, seenAt, expiresAt, version, record === null ? null : JSON.stringify(record));
  }
  removeWorker(id: string): void {
    this.#statements.removeWorker(id);
  }
  workersSince(version: number): StoredWorker[] {
    return this.#statements.workersSince(version).map(workerOf);
  }
  workersBeyond(expiresAt: number): StoredWorker[] {
    return this.#statements.workersBeyond(expiresAt).map(workerOf);
  }
  expiredWorkers(now: number, limit: number): StoredWorker[] {
    return this.#statements.expiredWorkers(now, limit).map(workerOf);
  }
  nextSideExpiry(): number | null {
    return this.#statements.nextExpiry() ?? null;
  }

  addStanding(worker: string, day: number, attempts: number, successes: number): void {
    this.#standings.add(worker, day, attempts, successes);
  }
  standings(sinceDay: number): { worker: string; attempts: number; successes: number }[] {
    return this.#standings.since(sinceDay);
  }
  removeStandings(beforeDay: number): void {
    this.#standings.removeBefore(beforeDay);
  }
}

function workerOf({ id, seen, expires, version, body }: WorkerBody): StoredWorker {
  const record = body === null ? null : (JSON.parse(body) as JsonObject);
  return { id: JSON.parse(id) as string, record, seenAt: seen, expiresAt: expires, version };
}

function prepare(db: Database) {
  const worker = "SELECT json_quote(id) AS id, seen, expires, version, body FROM worker";
  return {
    once: db.rows<{ name: string; body: string }>(
      "SELECT json_quote(name) AS name, body FROM once WHERE job = ? AND visit = ?",
    ),
    putOnce: db.write("INSERT OR REPLACE INTO once (job, visit, name, body) VALUES (?, ?, ?, ?)"),
    dropOnce: db.write("DELETE FROM once WHERE job = ? AND visit < ?"),
    dedup: db.row<Omit<DedupRow, "key">>(
      "SELECT job AS jobId, json_quote(fingerprint) AS fingerprint, expires AS expiresAt FROM dedup WHERE key = ?",
    ),
    putDedup: db.write("INSERT OR REPLACE INTO dedup (key, job, fingerprint, expires) VALUES (?, ?, ?, ?)"),
    removeExpiredDedup: db.write(
      "DELETE FROM dedup WHERE key IN (SELECT key FROM dedup WHERE expires <= ? ORDER BY expires LIMIT 0 + ?)",
    ),
    worker: db.row<WorkerBody>(`${worker} WHERE id = ?`),
    putWorker: db.write("INSERT OR REPLACE INTO worker (id, seen, expires, version, body) VALUES (?, ?, ?, ?, ?)"),
    removeWorker: db.write("DELETE FROM worker WHERE id = ?"),
    workersSince: db.rows<WorkerBody>(`${worker} WHERE version > ? ORDER BY version`),
    workersBeyond: db.rows<WorkerBody>(`${worker} WHERE expires > ? AND body IS NOT NULL ORDER BY expires, worker.id`),
    expiredWorkers: db.rows<WorkerBody>(`${worker} WHERE expires <= ? ORDER BY expires, worker.id LIMIT 0 + ?`),
    nextExpiry: db.value<number | null>(
      "SELECT min(at) FROM (SELECT min(expires) AS at FROM dedup UNION ALL SELECT min(expires) FROM worker)",
    ),
  };
}

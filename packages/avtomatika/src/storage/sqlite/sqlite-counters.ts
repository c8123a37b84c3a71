import type { Bucket } from "#core/token-bucket";
import type { BucketRow, ChargeRow, CounterRows, QuotaRow } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";

/** Quotas and buckets in SQLite. */
export class SqliteCounters implements CounterRows {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  charge(jobId: string): ChargeRow | undefined {
    const row = this.#statements.charge(jobId);
    return row && { ...row };
  }
  putCharge({ jobId, owner, period, state, expiresAt }: ChargeRow): void {
    this.#statements.putCharge(jobId, owner, period, state, expiresAt);
  }
  quota(owner: string, period: string): QuotaRow | undefined {
    const row = this.#statements.quota(owner, period);
    return row && { ...row };
  }
  putQuota({ owner, period, used, expiresAt }: QuotaRow): void {
    this.#statements.putQuota(owner, period, used, expiresAt);
  }
  bucket(key: string): BucketRow | undefined {
    const row = this.#statements.bucket(key);
    return row && { key, bucket: JSON.parse(row.body) as Bucket, expiresAt: row.expiresAt };
  }
  putBucket({ key, bucket, expiresAt }: BucketRow): void {
    this.#statements.putBucket(key, JSON.stringify(bucket), expiresAt);
  }
  removeExpiredCounters(now: number, limit: number): number {
    let removed = 0;
    for (const remove of this.#statements.removeExpired) removed += remove(now, limit - removed);
    return removed;
  }
  nextCounterExpiry(): number | null {
    return this.#statements.nextExpiry() ?? null;
  }
}

function prepare(db: Database) {
  const remove = (table: string, key: string) =>
    db.write(
      `DELETE FROM ${table} WHERE (${key}) IN
       (SELECT ${key} FROM ${table} WHERE expires <= ? ORDER BY expires, ${key} LIMIT 0 + ?)`,
    );
  return {
    charge: db.row<ChargeRow>(
      "SELECT job AS jobId, owner, period, state, expires AS expiresAt FROM charge WHERE job = ?",
    ),
    putCharge: db.write("INSERT OR REPLACE INTO charge (job, owner, period, state, expires) VALUES (?, ?, ?, ?, ?)"),
    quota: db.row<QuotaRow>(
      "SELECT owner, period, used, expires AS expiresAt FROM quota WHERE owner = ? AND period = ?",
    ),
    putQuota: db.write("INSERT OR REPLACE INTO quota (owner, period, used, expires) VALUES (?, ?, ?, ?)"),
    bucket: db.row<{ body: string; expiresAt: number }>("SELECT body, expires AS expiresAt FROM bucket WHERE key = ?"),
    putBucket: db.write("INSERT OR REPLACE INTO bucket (key, body, expires) VALUES (?, ?, ?)"),
    removeExpired: [remove("charge", "job"), remove("quota", "owner, period"), remove("bucket", "key")],
    nextExpiry: db.value<number | null>(
      `SELECT min(at) FROM (SELECT min(expires) AS at FROM charge
       UNION ALL SELECT min(expires) FROM quota UNION ALL SELECT min(expires) FROM bucket)`,
    ),
  };
}

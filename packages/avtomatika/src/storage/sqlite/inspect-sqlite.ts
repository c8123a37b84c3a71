import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { TaskRecord, TaskResult } from "#core/task";
import type { Bucket } from "#core/token-bucket";
import type { ChargeRow, ClosingRow, QueueEntry, QuotaRow, RangeRow } from "#storage/rows/rows";
import { Database } from "#storage/sqlite/database";
import { checkFormat } from "#storage/sqlite/schema";
import type { StoreDump } from "#storage/testkit/dump";

/** Reads a store's file for an audit, at one instant. It may be open in an engine: nothing is locked or written. */
export function inspectSqlite(path: string): StoreDump {
  const db = new Database(path, { readOnly: true });
  try {
    checkFormat(db, path);
    db.exec("BEGIN");
    return {
      shards: [
        {
          jobs: bodies<JobRecord>(db, "job"),
          tasks: bodies<TaskRecord>(db, "task"),
          entries: entries(db),
          joins: bodies<JoinRecord>(db, "branch_join"),
          ranges: bodies<RangeRow>(db, "branch_range"),
          closings: closings(db),
          results: bodies<TaskResult>(db, "result"),
          ...counters(db),
        },
      ],
    };
  } finally {
    db.close();
  }
}

/** A file that no engine of this release has opened yet may lack the tables that were added to its format. */
function hasTable(db: Database, name: string): boolean {
  return db.value("SELECT 1 FROM sqlite_master WHERE name = ?")(name) !== undefined;
}

function closings(db: Database): ClosingRow[] {
  if (!hasTable(db, "closing")) return [];
  const read = db.rows<ClosingRow>('SELECT job AS jobId, wait, at, "next" FROM closing');
  return read().map((row) => ({ ...row }));
}

function counters(db: Database): Pick<StoreDump["shards"][number], "charges" | "quotas" | "buckets"> {
  if (!hasTable(db, "charge")) return { charges: [], quotas: [], buckets: [] };
  const charges = db.rows<ChargeRow>("SELECT job AS jobId, owner, period, state, expires AS expiresAt FROM charge");
  const quotas = db.rows<QuotaRow>("SELECT owner, period, used, expires AS expiresAt FROM quota");
  const buckets = db.rows<{ key: string; body: string; expiresAt: number }>(
    "SELECT key, body, expires AS expiresAt FROM bucket",
  );
  return {
    charges: charges().map((row) => ({ ...row })),
    quotas: quotas().map((row) => ({ ...row })),
    buckets: buckets().map(({ body, ...row }) => ({ ...row, bucket: JSON.parse(body) as Bucket })),
  };
}

function bodies<Row>(db: Database, table: string): Row[] {
  return db
    .column<string>(`SELECT body FROM ${table}`)()
    .map((body) => JSON.parse(body) as Row);
}

function entries(db: Database): QueueEntry[] {
  const read = db.rows<QueueEntry>(
    `SELECT lane.id AS lane, score, job AS jobId, wait, ref FROM entry JOIN lane ON lane.n = entry.lane
     ORDER BY entry.lane, score`,
  );
  return read().map((entry) => ({ ...entry }));
}

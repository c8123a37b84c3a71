import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { TaskRecord, TaskResult } from "#core/task";
import type { QueueEntry, RangeRow } from "#storage/rows/rows";
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
          results: bodies<TaskResult>(db, "result"),
        },
      ],
    };
  } finally {
    db.close();
  }
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

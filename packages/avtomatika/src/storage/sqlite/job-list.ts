import type { JobRecord } from "#core/job";
import { jobStatuses } from "#core/status";
import type { Database, Value } from "#storage/sqlite/database";
import type { ListJobs } from "#storage/storage";

/**
 * Pages of jobs, newest first. Where no status is asked for, the pages of all statuses are merged by SQLite,
 * which reads only as far as it must: two more indexes would cost every job more than this costs a page.
 */
export class JobList {
  readonly #statements: Record<"all" | "status" | "owner" | "ownerStatus", (...values: Value[]) => string[]>;

  constructor(db: Database) {
    const everyStatus = jobStatuses.map((status) => `'${status}'`);
    this.#statements = {
      all: db.column<string>(pageOf(everyStatus, "")),
      status: db.column<string>(pageOf(["?2"], "")),
      owner: db.column<string>(pageOf(everyStatus, "owner = ?1 AND ")),
      ownerStatus: db.column<string>(pageOf(["?2"], "owner = ?1 AND ")),
    };
  }

  read(filter: Omit<ListJobs, "shard">): JobRecord[] {
    const { owner, status, blueprint, withoutDiscarded, before, limit } = filter;
    const created = before?.createdAt ?? Number.MAX_SAFE_INTEGER;
    const name = owner === null ? (status === null ? "all" : "status") : status === null ? "owner" : "ownerStatus";
    const read = this.#statements[name];
    const bodies = read(owner, status, created, before?.id ?? "", blueprint, withoutDiscarded ? 1 : 0, limit);
    return bodies.map((body) => JSON.parse(body) as JobRecord);
  }
}

function pageOf(statuses: string[], owner: string): string {
  const selects = statuses.map(
    (status) =>
      `SELECT body, created, id FROM job WHERE ${owner}status = ${status} AND (created, id) < (?3, ?4)
       AND (?5 IS NULL OR blueprint = ?5) AND (?6 = 0 OR body ->> '$.head.discardedAt' IS NULL)`,
  );
  return `${selects.join(" UNION ALL ")} ORDER BY created DESC, id DESC LIMIT 0 + ?7`;
}

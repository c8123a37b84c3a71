import type { JobInitial, JobRecord } from "#core/job";
import type { JsonObject } from "#core/json";
import type { JobStatus } from "#core/status";
import { SetIndex } from "#storage/memory/indexes";
import type { JobRows } from "#storage/rows/rows";
import { copyJob } from "#storage/sqlite/copy-records";
import type { Database } from "#storage/sqlite/database";
import { Generations, unlessLong } from "#storage/sqlite/generations";
import { columnsOf, type JobColumns, JobUpdate } from "#storage/sqlite/job-columns";
import { JobCounts } from "#storage/sqlite/job-counts";
import { JobList } from "#storage/sqlite/job-list";
import { JobParts } from "#storage/sqlite/job-parts";
import type { ListJobs } from "#storage/storage";

/** A job that was touched lately. `columns` is null for one that isn't stored (yet). */
interface Kept {
  n: number;
  owner: string;
  columns: JobColumns | null;
  record: JobRecord | null;
}

/** Jobs in SQLite. Claims are in memory: leases end with the process, so they are few and never read from the file. */
export class SqliteJobs implements JobRows {
  readonly #kept = new Generations<Kept>(2000);
  readonly #counts: JobCounts;
  readonly #list: JobList;
  readonly #parts: JobParts;
  readonly #update: JobUpdate;
  readonly #statements: ReturnType<typeof prepare>;
  #claims = new SetIndex();
  #lastNumber = 0;

  constructor(db: Database) {
    this.#counts = new JobCounts(db);
    this.#list = new JobList(db);
    this.#parts = new JobParts(db);
    this.#update = new JobUpdate(db);
    this.#statements = prepare(db);
  }

  load(): void {
    this.#kept.clear();
    this.#counts.load();
    this.#claims = new SetIndex();
    this.#lastNumber = this.#statements.lastNumber() ?? 0;
    for (const { id, claim } of this.#statements.leased()) this.#claims.add(claim, id);
  }
  flush(): void {
    this.#counts.flush();
  }
  /** The leases of a former process are void: their jobs are due at once. */
  voidLeases(): void {
    for (const { id } of this.#statements.leased()) {
      const job = this.job(id) as JobRecord;
      if (job.lease === null) continue;
      this.putJob({ ...job, lease: { ...job.lease, until: 0 } });
    }
  }

  job(id: string): JobRecord | undefined {
    const kept = this.#find(id);
    if (kept.columns === null) return undefined;
    if (kept.record !== null) return copyJob(kept.record);
    return JSON.parse(this.#statements.body(kept.n) as string) as JobRecord;
  }
  putJob(job: JobRecord): void {
    const kept = this.#find(job.id);
    const former = kept.columns;
    const now = columnsOf(job);
    const body = JSON.stringify(job);
    if (former === null) {
      const { status, queue, ready, wake, lease, expiry } = now;
      const { id, blueprint, owner, createdAt } = job;
      this.#statements.insert(kept.n, id, blueprint, owner, status, createdAt, queue, ready, wake, lease, expiry, body);
      kept.owner = owner;
    } else {
      this.#update.run(kept.n, body, now, former);
    }
    this.#index(job.id, kept.owner, former, now);
    kept.columns = now;
    kept.record = unlessLong(body, copyJob(job));
  }
  removeJob(id: string): void {
    const { n, owner, columns } = this.#find(id);
    if (columns === null) return;
    this.#statements.remove(n);
    this.#parts.remove(n);
    this.#index(id, owner, columns, null);
    this.#kept.delete(id);
  }

  jobData(id: string): JsonObject {
    return this.#parts.data(this.#find(id).n);
  }
  putJobData(id: string, data: JsonObject): void {
    const kept = this.#find(id);
    this.#parts.putData(kept.n, data, kept.columns === null);
  }
  jobInitial(id: string): JobInitial {
    return this.#parts.initial(this.#find(id).n);
  }
  putJobInitial(id: string, initial: JobInitial): void {
    this.#parts.putInitial(this.#find(id).n, initial);
  }

  firstReady(queue: string): { id: string; ready: number } | undefined {
    const first = this.#statements.firstReady(queue);
    return first && { id: first.id, ready: first.ready };
  }
  dueJobs(now: number, limit: number): string[] {
    return this.#statements.due(now, limit).map(({ id }) => id);
  }
  nextJobDue(): number | null {
    return this.#statements.nextDue() ?? null;
  }
  expiredJobs(now: number, limit: number): string[] {
    return this.#statements.expired(now, limit);
  }
  nextExpiry(): number | null {
    return this.#statements.nextExpiry() ?? null;
  }
  jobsOfClaim(claim: string): string[] {
    return [...this.#claims.get(claim)];
  }
  listJobs(filter: Omit<ListJobs, "shard">): JobRecord[] {
    return this.#list.read(filter);
  }
  countJobs(owner: string | null): Record<JobStatus, number> {
    return this.#counts.byStatus(owner);
  }
  countReady(owner: string | null): number {
    return this.#counts.ready(owner);
  }

  /** What is known of a job; one that isn't stored gets the number under which it will be. */
  #find(id: string): Kept {
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    const row = this.#statements.find(id);
    const kept: Kept = { n: row?.n ?? 0, owner: "", columns: null, record: null };
    if (row === undefined) {
      kept.n = this.#lastNumber += 1;
    } else {
      const record = JSON.parse(row.body) as JobRecord;
      kept.owner = record.owner;
      kept.columns = columnsOf(record);
      kept.record = unlessLong(row.body, record);
    }
    this.#kept.set(id, kept);
    return kept;
  }

  #index(id: string, owner: string, former: JobColumns | null, now: JobColumns | null): void {
    if (former?.status !== now?.status) this.#counts.move(owner, former?.status, now?.status);
    const wasReady = (former?.ready ?? null) !== null;
    const isReady = (now?.ready ?? null) !== null;
    if (wasReady !== isReady) this.#counts.move(owner, wasReady ? "ready" : undefined, isReady ? "ready" : undefined);
    const [claimed, claims] = [former?.claim ?? null, now?.claim ?? null];
    if (claimed === claims) return;
    if (claimed !== null) this.#claims.delete(claimed, id);
    if (claims !== null) this.#claims.add(claims, id);
  }
}

function prepare(db: Database) {
  const due = (column: string) => `SELECT id, n, ${column} AS at FROM job WHERE ${column} <= ?1`;
  const next = (column: string) => `SELECT min(${column}) AS at FROM job WHERE ${column} IS NOT NULL`;
  const columns = "n, id, blueprint, owner, status, created, queue, ready, wake, lease, expiry, body";
  return {
    find: db.row<{ n: number; body: string }>("SELECT n, body FROM job WHERE id = ?"),
    body: db.value<string>("SELECT body FROM job WHERE n = ?"),
    lastNumber: db.value<number | null>("SELECT max(n) FROM job"),
    insert: db.write(`INSERT INTO job (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    remove: db.write("DELETE FROM job WHERE n = ?"),
    firstReady: db.row<{ id: string; ready: number }>(
      "SELECT id, ready FROM job WHERE queue = ? AND ready IS NOT NULL ORDER BY ready LIMIT 1",
    ),
    due: db.rows<{ id: string }>(`${due("wake")} UNION ALL ${due("lease")} ORDER BY 3, 2 LIMIT 0 + ?2`),
    nextDue: db.value<number | null>(`SELECT min(at) FROM (${next("wake")} UNION ALL ${next("lease")})`),
    expired: db.column<string>("SELECT id FROM job WHERE expiry <= ? ORDER BY expiry LIMIT 0 + ?"),
    nextExpiry: db.value<number | null>("SELECT min(expiry) FROM job WHERE expiry IS NOT NULL"),
    leased: db.rows<{ id: string; claim: string }>(
      "SELECT id, body ->> '$.lease.claim' AS claim FROM job WHERE lease IS NOT NULL ORDER BY lease",
    ),
  };
}

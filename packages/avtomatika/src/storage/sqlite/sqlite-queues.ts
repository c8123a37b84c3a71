import type { Lane } from "#core/task";
import { copy } from "#storage/memory/copy";
import { SortedIndex } from "#storage/memory/indexes";
import { SortedSet } from "#storage/memory/sorted-set";
import type { LaneRow, QueueEntry, QueueRows } from "#storage/rows/rows";
import type { Database } from "#storage/sqlite/database";
import type { SqliteMeta } from "#storage/sqlite/sqlite-meta";

/** A lane with the number under which its entries stand; `first` is undefined while it isn't known. */
interface Open {
  n: number;
  row: LaneRow;
  first: QueueEntry | undefined;
}

/**
 * Entries are in SQLite, lanes in memory with their heads, which the entries tell again when the file is opened:
 * a hand-out writes no lane row. Lanes are as many as there are different requirements, not as tasks.
 */
export class SqliteQueues implements QueueRows {
  readonly #lanes = new Map<string, Open>();
  readonly #heads = new SortedIndex();
  readonly #versions = new SortedSet();
  readonly #meta: SqliteMeta;
  readonly #statements: ReturnType<typeof prepare>;
  #lastNumber = 0;

  constructor(db: Database, meta: SqliteMeta) {
    this.#meta = meta;
    this.#statements = prepare(db);
  }

  /** An empty lane counts as empty from now on: since when it really was isn't worth a write per task. */
  load(now: number): void {
    for (const { row } of this.#lanes.values()) this.#unlist(row);
    this.#lanes.clear();
    for (const { n, version, body, head } of this.#statements.lanes()) {
      const lane = freeze(JSON.parse(body) as Lane);
      this.#lastNumber = Math.max(this.#lastNumber, n);
      this.#list({ n, row: { lane, version, head, emptySince: head === null ? now : null }, first: undefined });
    }
  }

  pushEntry(entry: QueueEntry): void {
    const open = this.#lane(entry.lane);
    this.#statements.push(open.n, entry.score, entry.jobId, entry.wait, entry.ref);
    if (open.first !== undefined && isBefore(entry, open.first)) open.first = { ...entry };
  }
  removeEntry(entry: QueueEntry): void {
    const open = this.#lanes.get(entry.lane);
    if (open === undefined) return;
    this.#statements.remove(open.n, entry.score, entry.jobId, entry.wait, entry.ref);
    if (open.first !== undefined && !isBefore(open.first, entry)) open.first = undefined;
  }
  firstEntry(lane: string): QueueEntry | undefined {
    const open = this.#lanes.get(lane);
    if (open === undefined) return undefined;
    if (open.first === undefined) {
      const row = this.#statements.first(open.n);
      if (row === undefined) return undefined;
      open.first = { lane, score: row.score, jobId: row.job, wait: row.wait, ref: row.ref };
    }
    return { ...open.first };
  }

  laneRow(id: string): LaneRow | undefined {
    return this.#lanes.get(id)?.row;
  }
  putLane(row: LaneRow): void {
    const former = this.#lanes.get(row.lane.id);
    if (former !== undefined) {
      this.#unlist(former.row);
      former.row = { ...row, lane: former.row.lane };
      this.#list(former);
      return;
    }
    const lane = freeze(copy(row.lane));
    const n = this.#lastNumber + 1;
    this.#lastNumber = n;
    this.#statements.insertLane(n, row.version, lane.id, JSON.stringify(lane));
    this.#list({ n, row: { ...row, lane }, first: undefined });
  }
  removeLane(id: string): void {
    const open = this.#lanes.get(id);
    if (open === undefined) return;
    this.#unlist(open.row);
    this.#lanes.delete(id);
    this.#statements.removeLane(open.n);
  }
  *lanesByHead(type: string): Generator<LaneRow> {
    for (const { id } of this.#heads.get(type) ?? []) yield this.#lane(id).row;
  }
  lanesSince(version: number): LaneRow[] {
    const found: LaneRow[] = [];
    for (const { score, id } of this.#versions.below(Number.POSITIVE_INFINITY, "")) {
      if (score <= version) break;
      found.push(this.#lane(id).row);
    }
    return found.reverse();
  }
  lanesVersion(): number {
    return this.#meta.laneVersion();
  }
  emptyLanes(before: number, limit: number): LaneRow[] {
    const found: LaneRow[] = [];
    for (const { row } of this.#lanes.values()) {
      if (found.length >= limit) break;
      if (row.emptySince !== null && row.emptySince < before) found.push(row);
    }
    return found;
  }

  #lane(id: string): Open {
    const open = this.#lanes.get(id);
    if (open === undefined) throw new Error(`the lane ${id} was never opened`);
    return open;
  }
  #list(open: Open): void {
    const { lane, head, version } = open.row;
    this.#lanes.set(lane.id, open);
    this.#versions.add(version, lane.id);
    if (head !== null) this.#heads.add(lane.type, head, lane.id);
  }
  #unlist({ lane, head, version }: LaneRow): void {
    this.#versions.delete(version, lane.id);
    if (head !== null) this.#heads.delete(lane.type, head, lane.id);
  }
}

/** Entries of one score are branches of one group. */
function isBefore(one: QueueEntry, other: QueueEntry): boolean {
  return one.score < other.score || (one.score === other.score && one.ref < other.ref);
}

/** Lanes are handed out without a copy, so nobody may change them. */
function freeze(lane: Lane): Lane {
  for (const value of Object.values(lane)) if (typeof value === "object" && value !== null) Object.freeze(value);
  return Object.freeze(lane);
}

function prepare(db: Database) {
  return {
    push: db.write("INSERT INTO entry (lane, score, job, wait, ref) VALUES (?, ?, ?, ?, ?)"),
    remove: db.write("DELETE FROM entry WHERE lane = ? AND score = ? AND job = ? AND wait = ? AND ref = ?"),
    first: db.row<{ score: number; job: string; wait: number; ref: number }>(
      "SELECT score, job, wait, ref FROM entry WHERE lane = ? ORDER BY score, job, wait, ref LIMIT 1",
    ),
    lanes: db.rows<{ n: number; version: number; body: string; head: number | null }>(
      "SELECT n, version, body, (SELECT min(score) FROM entry WHERE lane = lane.n) AS head FROM lane ORDER BY version",
    ),
    insertLane: db.write("INSERT INTO lane (n, version, id, body) VALUES (?, ?, ?, ?)"),
    removeLane: db.write("DELETE FROM lane WHERE n = ?"),
  };
}

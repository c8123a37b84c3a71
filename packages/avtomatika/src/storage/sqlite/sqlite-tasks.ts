import type { TaskAddress, TaskRecord } from "#core/task";
import { SetIndex } from "#storage/memory/indexes";
import type { TaskRows } from "#storage/rows/rows";
import { copyTask } from "#storage/sqlite/copy-records";
import type { Database } from "#storage/sqlite/database";
import { Generations, unlessLong } from "#storage/sqlite/generations";

/** By what a task is due; null for a queued one that is never due. */
const kinds = { delayed: 0, queued: 1, out: 2 };

/** A task that was touched lately; `isStored` is false where there is none. */
interface Kept {
  isStored: boolean;
  kind: number | null;
  due: number | null;
  record: TaskRecord | null;
}
type Place = Pick<TaskRecord, "jobId" | "wait" | "index">;
type Out = TaskAddress & Pick<TaskRecord, "worker" | "claim">;

/**
 * Tasks in SQLite. Of those that are out with workers it is also known in memory who holds them: they are as few
 * as the workers can hold, and the index `task_due` finds them when the file is opened.
 */
export class SqliteTasks implements TaskRows {
  readonly #kept = new Generations<Kept>(4000);
  readonly #out = new Map<string, Out>();
  #claims = new SetIndex();
  #workers = new SetIndex();
  readonly #revoked = new Set<string>();
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#statements = prepare(db);
  }

  load(): void {
    this.#kept.clear();
    this.#out.clear();
    this.#claims = new SetIndex();
    this.#workers = new SetIndex();
    this.#revoked.clear();
    for (const body of this.#statements.out()) {
      const task = JSON.parse(body) as TaskRecord;
      this.#enter(keyOf(task), task);
    }
  }

  task(jobId: string, wait: number, index: number): TaskRecord | undefined {
    const kept = this.#find({ jobId, wait, index });
    if (!kept.isStored) return undefined;
    if (kept.record !== null) return copyTask(kept.record);
    return JSON.parse(this.#statements.find(jobId, wait, index)?.body as string) as TaskRecord;
  }
  putTask(task: TaskRecord): void {
    const { jobId, wait, index, due } = task;
    const key = keyOf(task);
    const kept = this.#find(task, key);
    const kind = kindOf(task);
    const body = JSON.stringify(task);
    if (!kept.isStored) this.#statements.insert(jobId, wait, index, kind, due, body);
    else if (kept.kind !== kind || kept.due !== due) this.#statements.update(kind, due, body, jobId, wait, index);
    else this.#statements.updateBody(body, jobId, wait, index);
    this.#leave(key);
    if (kind === kinds.out) this.#enter(key, task);
    this.#kept.set(key, { isStored: true, kind, due, record: unlessLong(body, copyTask(task)) });
  }
  removeTask(task: Place): void {
    const key = keyOf(task);
    this.#statements.remove(task.jobId, task.wait, task.index);
    this.#leave(key);
    this.#kept.set(key, { isStored: false, kind: null, due: null, record: null });
  }
  /** Removes up to `limit` tasks of a job; answers how many. */
  removeTasksOf(jobId: string, limit: number): number {
    const places = this.#statements.placesOf(jobId, limit);
    for (const { wait, place } of places) this.removeTask({ jobId, wait, index: place });
    return places.length;
  }

  dueTasks(now: number, limit: number, delayed: boolean): TaskRecord[] {
    return parse(delayed ? this.#statements.dueDelayed(now, limit) : this.#statements.due(now, limit));
  }
  nextTaskDue(): number | null {
    return this.#statements.nextDue() ?? null;
  }
  tasksOfClaim(claim: string): TaskRecord[] {
    return this.#read(this.#claims.get(claim));
  }
  heldTasks(worker: string): TaskAddress[] {
    return this.#workers.get(worker).map((key) => this.#out.get(key) as Out);
  }
  countHeld(worker: string): number {
    return this.#workers.count(worker);
  }
  revokedTasks(): (TaskAddress & { worker: string })[] {
    return [...this.#revoked].map((key) => this.#out.get(key) as Out & { worker: string });
  }
  tasksOfJoin(jobId: string, wait: number, from: number, limit: number): TaskRecord[] {
    return parse(this.#statements.ofJoin(jobId, wait, from, limit));
  }

  #read(keys: readonly string[]): TaskRecord[] {
    return keys.map((key) => {
      const { jobId, wait, index } = this.#out.get(key) as Out;
      return this.task(jobId, wait, index) as TaskRecord;
    });
  }

  #find(place: Place, key = keyOf(place)): Kept {
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const row = this.#statements.find(place.jobId, place.wait, place.index);
    const { kind = null, due = null } = row ?? {};
    const kept = {
      isStored: row !== undefined,
      kind,
      due,
      record: row === undefined ? null : unlessLong(row.body, JSON.parse(row.body) as TaskRecord),
    };
    this.#kept.set(key, kept);
    return kept;
  }

  #enter(key: string, { jobId, wait, index, attempt, worker, claim, state }: TaskRecord): void {
    this.#out.set(key, { jobId, wait, index, attempt, worker, claim });
    if (worker !== null) this.#workers.add(worker, key);
    if (claim !== null) this.#claims.add(claim, key);
    if (state === "revoked") this.#revoked.add(key);
  }
  #leave(key: string): void {
    const out = this.#out.get(key);
    if (out === undefined) return;
    this.#out.delete(key);
    if (out.worker !== null) this.#workers.delete(out.worker, key);
    if (out.claim !== null) this.#claims.delete(out.claim, key);
    this.#revoked.delete(key);
  }
}

function keyOf({ jobId, wait, index }: Place): string {
  return `${jobId}:${wait}:${index}`;
}

function kindOf(task: TaskRecord): number | null {
  if (task.state === "delayed") return kinds.delayed;
  if (task.state !== "queued") return kinds.out;
  return task.due === null ? null : kinds.queued;
}

function parse(bodies: string[]): TaskRecord[] {
  return bodies.map((body) => JSON.parse(body) as TaskRecord);
}

function prepare(db: Database) {
  const due = (kind: number) => `SELECT body, due, job, wait, place FROM task WHERE kind = ${kind} AND due <= ?1`;
  const next = (kind: number) => `SELECT min(due) AS at FROM task WHERE kind = ${kind}`;
  const order = "ORDER BY due, job, wait, place LIMIT 0 + ?2";
  const isPlace = "WHERE job = ? AND wait = ? AND place = ?";
  return {
    find: db.row<{ kind: number | null; due: number | null; body: string }>(
      `SELECT kind, due, body FROM task ${isPlace}`,
    ),
    insert: db.write("INSERT INTO task (job, wait, place, kind, due, body) VALUES (?, ?, ?, ?, ?, ?)"),
    update: db.write(`UPDATE task SET kind = ?, due = ?, body = ? ${isPlace}`),
    updateBody: db.write(`UPDATE task SET body = ? ${isPlace}`),
    remove: db.write(`DELETE FROM task ${isPlace}`),
    placesOf: db.rows<{ wait: number; place: number }>("SELECT wait, place FROM task WHERE job = ? LIMIT 0 + ?"),
    ofJoin: db.column<string>(
      "SELECT body FROM task WHERE job = ? AND wait = ? AND place >= ? ORDER BY place LIMIT 0 + ?",
    ),
    out: db.column<string>(`SELECT body FROM task WHERE kind = ${kinds.out}`),
    dueDelayed: db.column<string>(`${due(kinds.delayed)} ${order}`),
    due: db.column<string>(`${due(kinds.queued)} UNION ALL ${due(kinds.out)} ${order}`),
    nextDue: db.value<number | null>(
      `SELECT min(at) FROM (${[kinds.delayed, kinds.queued, kinds.out].map(next).join(" UNION ALL ")})`,
    ),
  };
}

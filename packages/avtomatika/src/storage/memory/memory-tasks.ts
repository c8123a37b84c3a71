import type { TaskAddress, TaskRecord } from "#core/task";
import { copy } from "#storage/memory/copy";
import { SetIndex, SortedIndex } from "#storage/memory/indexes";
import { SortedSet } from "#storage/memory/sorted-set";
import type { TaskRows } from "#storage/rows/rows";

/** Tasks of one shard in memory. */
export class MemoryTasks implements TaskRows {
  readonly records = new Map<string, TaskRecord>();
  readonly #due = new SortedSet();
  readonly #delayed = new SortedSet();
  readonly #claims = new SetIndex();
  readonly #workers = new SetIndex();
  readonly #joins = new SortedIndex();
  readonly #revoked = new Set<string>();
  readonly #assertOwn: (jobId: string) => void;

  constructor(assertOwn: (jobId: string) => void) {
    this.#assertOwn = assertOwn;
  }

  task(jobId: string, wait: number, index: number): TaskRecord | undefined {
    this.#assertOwn(jobId);
    return copy(this.records.get(key(jobId, wait, index)));
  }
  putTask(task: TaskRecord): void {
    this.removeTask(task);
    const id = key(task.jobId, task.wait, task.index);
    const record = copy(task);
    this.records.set(id, record);
    this.#index(id, record, "add");
  }
  removeTask(task: TaskRecord): void {
    this.#assertOwn(task.jobId);
    const id = key(task.jobId, task.wait, task.index);
    const former = this.records.get(id);
    if (former === undefined) return;
    this.records.delete(id);
    this.#index(id, former, "delete");
  }

  dueTasks(now: number, limit: number, delayed: boolean): TaskRecord[] {
    return this.#read((delayed ? this.#delayed : this.#due).upTo(now, limit));
  }
  nextTaskDue(): number | null {
    const next = Math.min(this.#due.first()?.score ?? Infinity, this.#delayed.first()?.score ?? Infinity);
    return next === Infinity ? null : next;
  }
  tasksOfClaim(claim: string): TaskRecord[] {
    return this.#read(this.#claims.get(claim));
  }
  heldTasks(worker: string): TaskAddress[] {
    return this.#workers.get(worker).map((id) => addressOf(this.records.get(id) as TaskRecord));
  }
  countHeld(worker: string): number {
    return this.#workers.count(worker);
  }
  revokedTasks(): (TaskAddress & { worker: string })[] {
    const tasks = [...this.#revoked].map((id) => this.records.get(id) as TaskRecord);
    return tasks.map((task) => ({ ...addressOf(task), worker: task.worker as string }));
  }
  tasksOfJoin(jobId: string, wait: number, from: number, limit: number): TaskRecord[] {
    return this.#read(this.#joins.get(`${jobId}:${wait}`)?.from(from, limit) ?? []);
  }

  #read(ids: readonly string[]): TaskRecord[] {
    return ids.map((id) => copy(this.records.get(id) as TaskRecord));
  }

  #index(id: string, task: TaskRecord, change: "add" | "delete"): void {
    if (task.due !== null) (task.state === "delayed" ? this.#delayed : this.#due)[change](task.due, id);
    if (task.claim !== null) this.#claims[change](task.claim, id);
    if (task.state !== "queued" && task.worker !== null) this.#workers[change](task.worker, id);
    if (task.state === "revoked") this.#revoked[change](id);
    this.#joins[change](`${task.jobId}:${task.wait}`, task.index, id);
  }
}

function addressOf({ jobId, wait, index, attempt }: TaskRecord): TaskAddress {
  return { jobId, wait, index, attempt };
}

function key(jobId: string, wait: number, index: number): string {
  return `${jobId}:${wait}:${index}`;
}

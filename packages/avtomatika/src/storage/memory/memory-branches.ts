import type { JoinRecord } from "#core/join";
import type { TaskItem, TaskResult } from "#core/task";
import { copy } from "#storage/memory/copy";
import { SetIndex } from "#storage/memory/indexes";
import { SortedSet } from "#storage/memory/sorted-set";
import type { BranchRows, RangeRow, SideRows, TaskRows } from "#storage/rows/rows";

/** Joins, ranges, items and results of one shard in memory. */
export class MemoryBranches implements BranchRows {
  readonly joins = new Map<string, JoinRecord>();
  readonly ranges = new Map<string, RangeRow>();
  readonly settled = new Map<string, TaskResult[]>();
  readonly #items = new Map<string, Map<number, TaskItem[]>>();
  readonly #rangeDue = new SortedSet();
  readonly #rangesOf = new SetIndex();
  readonly #waits = new SetIndex();
  readonly #assertOwn: (jobId: string) => void;
  readonly #tasks: TaskRows;
  readonly #sides: SideRows;

  constructor(assertOwn: (jobId: string) => void, tasks: TaskRows, sides: SideRows) {
    this.#assertOwn = assertOwn;
    this.#tasks = tasks;
    this.#sides = sides;
  }

  join(jobId: string, wait: number): JoinRecord | undefined {
    this.#assertOwn(jobId);
    return copy(this.joins.get(`${jobId}:${wait}`));
  }
  putJoin(join: JoinRecord): void {
    this.#assertOwn(join.jobId);
    this.joins.set(`${join.jobId}:${join.wait}`, copy(join));
    this.#waits.add(join.jobId, `${join.jobId}:${join.wait}`);
  }

  range(jobId: string, wait: number, group: number): RangeRow | undefined {
    return copy(this.ranges.get(`${jobId}:${wait}:${group}`));
  }
  putRange(range: RangeRow): void {
    this.removeRange(range);
    const id = `${range.jobId}:${range.wait}:${range.group}`;
    this.ranges.set(id, copy(range));
    this.#rangesOf.add(`${range.jobId}:${range.wait}`, id);
    if (range.due !== null) this.#rangeDue.add(range.due, id);
  }
  removeRange(range: RangeRow): void {
    const id = `${range.jobId}:${range.wait}:${range.group}`;
    const former = this.ranges.get(id);
    if (former === undefined) return;
    this.ranges.delete(id);
    this.#rangesOf.delete(`${range.jobId}:${range.wait}`, id);
    if (former.due !== null) this.#rangeDue.delete(former.due, id);
  }
  rangesOf(jobId: string, wait: number): RangeRow[] {
    const ranges = this.#rangesOf.get(`${jobId}:${wait}`).map((id) => copy(this.ranges.get(id) as RangeRow));
    return ranges.sort((a, b) => a.group - b.group);
  }
  dueRanges(now: number, limit: number): RangeRow[] {
    return this.#rangeDue.upTo(now, limit).map((id) => copy(this.ranges.get(id) as RangeRow));
  }
  nextRangeDue(): number | null {
    return this.#rangeDue.first()?.score ?? null;
  }

  item(jobId: string, wait: number, group: number, position: number): TaskItem | undefined {
    return copy(this.#items.get(`${jobId}:${wait}`)?.get(group)?.[position]);
  }
  putItems(jobId: string, wait: number, group: number, start: number, items: readonly TaskItem[]): void {
    this.#assertOwn(jobId);
    const key = `${jobId}:${wait}`;
    const groups = this.#items.get(key) ?? new Map<number, TaskItem[]>();
    this.#items.set(key, groups);
    const list = groups.get(group) ?? [];
    groups.set(group, list);
    for (let at = 0; at < items.length; at++) list[start + at] = copy(items[at] as TaskItem);
    this.#waits.add(jobId, key);
  }

  result(jobId: string, wait: number, index: number): TaskResult | undefined {
    return copy(this.settled.get(`${jobId}:${wait}`)?.[index]);
  }
  putResult(result: TaskResult): void {
    const key = `${result.jobId}:${result.wait}`;
    const list = this.settled.get(key) ?? [];
    this.settled.set(key, list);
    list[result.index] = copy(result);
  }
  results(jobId: string, wait: number, from: number, limit: number): TaskResult[] {
    const list = this.settled.get(`${jobId}:${wait}`) ?? [];
    const found: TaskResult[] = [];
    for (let index = from; index < list.length && found.length < limit; index++) {
      if (list[index] !== undefined) found.push(copy(list[index] as TaskResult));
    }
    return found;
  }

  removeBranches(jobId: string, limit: number): number {
    let removed = 0;
    this.#sides.dropOnce(jobId, Number.POSITIVE_INFINITY);
    for (const key of this.#waits.get(jobId)) {
      removed += popUpTo(this.settled.get(key), limit - removed);
      for (const items of this.#items.get(key)?.values() ?? []) removed += popUpTo(items, limit - removed);
      removed += this.#removeOpen(jobId, Number(key.slice(jobId.length + 1)), limit - removed);
      if (removed >= limit) return removed;
      this.settled.delete(key);
      this.#items.delete(key);
      this.joins.delete(key);
      this.#waits.delete(jobId, key);
      removed += 1;
    }
    return removed;
  }

  /** Tasks that nobody answered, and ranges. */
  #removeOpen(jobId: string, wait: number, limit: number): number {
    for (const range of this.rangesOf(jobId, wait)) this.removeRange(range);
    const tasks = this.#tasks.tasksOfJoin(jobId, wait, 0, limit);
    for (const task of tasks) this.#tasks.removeTask(task);
    return tasks.length;
  }
}

/** Takes up to `limit` from the end of a list; answers how many. */
function popUpTo(list: unknown[] | undefined, limit: number): number {
  if (list === undefined) return 0;
  const count = Math.min(list.length, limit);
  list.length -= count;
  return count;
}

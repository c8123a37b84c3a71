import { copy } from "#storage/memory/copy";
import { SortedSet } from "#storage/memory/sorted-set";
import type { ClosingRow, ClosingRows } from "#storage/rows/rows";

/** Joins of one shard whose closing is under way, in memory. */
export class MemoryClosings implements ClosingRows {
  readonly records = new Map<string, ClosingRow>();
  readonly #order = new SortedSet();

  closing(jobId: string, wait: number): ClosingRow | undefined {
    return copy(this.records.get(`${jobId}:${wait}`));
  }
  putClosing(row: ClosingRow): void {
    this.removeClosing(row);
    const id = idOf(row);
    this.records.set(id, copy(row));
    this.#order.add(row.at, id);
  }
  removeClosing(row: ClosingRow): void {
    const id = idOf(row);
    const former = this.records.get(id);
    if (former === undefined) return;
    this.records.delete(id);
    this.#order.delete(former.at, id);
  }
  firstClosing(): ClosingRow | undefined {
    const first = this.#order.first();
    return first && copy(this.records.get(first.id));
  }
}

function idOf({ jobId, wait }: ClosingRow): string {
  return `${jobId}:${wait}`;
}

import { copy } from "#storage/memory/copy";
import { SortedIndex } from "#storage/memory/indexes";
import type { LaneRow, QueueEntry, QueueRows } from "#storage/rows/rows";

/** Lanes of one shard in memory. */
export class MemoryQueues implements QueueRows {
  readonly entries = new Map<string, QueueEntry>();
  readonly #queues = new SortedIndex();
  readonly #lanes = new Map<string, LaneRow>();
  readonly #heads = new SortedIndex();
  #version = 0;

  pushEntry(entry: QueueEntry): void {
    const id = idOf(entry);
    this.entries.set(id, copy(entry));
    this.#queues.add(entry.lane, entry.score, id);
  }
  removeEntry(entry: QueueEntry): void {
    const id = idOf(entry);
    if (this.entries.delete(id)) this.#queues.delete(entry.lane, entry.score, id);
  }
  firstEntry(lane: string): QueueEntry | undefined {
    const first = this.#queues.get(lane)?.first();
    return first && copy(this.entries.get(first.id));
  }

  laneRow(id: string): LaneRow | undefined {
    return copy(this.#lanes.get(id));
  }
  putLane(row: LaneRow): void {
    this.#unhead(row.lane.id);
    const kept = copy(row);
    this.#lanes.set(row.lane.id, kept);
    if (kept.head !== null) this.#heads.add(kept.lane.type, kept.head, kept.lane.id);
    this.#version = Math.max(this.#version, kept.version);
  }
  removeLane(id: string): void {
    this.#unhead(id);
    this.#lanes.delete(id);
  }
  *lanesByHead(type: string): Generator<LaneRow> {
    for (const { id } of this.#heads.get(type) ?? []) yield this.#lanes.get(id) as LaneRow;
  }
  lanesSince(version: number): LaneRow[] {
    if (version >= this.#version) return [];
    return [...this.#lanes.values()].filter((row) => row.version > version).map(copy);
  }
  lanesVersion(): number {
    return this.#version;
  }
  emptyLanes(before: number, limit: number): LaneRow[] {
    const empty = [...this.#lanes.values()].filter((row) => row.emptySince !== null && row.emptySince < before);
    return empty.slice(0, limit).map(copy);
  }

  #unhead(id: string): void {
    const former = this.#lanes.get(id);
    if (former !== undefined && former.head !== null) this.#heads.delete(former.lane.type, former.head, id);
  }
}

function idOf(entry: QueueEntry): string {
  // Of one score, branches stand by index: as texts, too.
  return `${entry.jobId}:${entry.wait}:${String(entry.ref).padStart(10, "0")}`;
}

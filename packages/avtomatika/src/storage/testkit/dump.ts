import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { TaskRecord, TaskResult } from "#core/task";
import type { MemoryShard, MemoryStorage } from "#storage/memory/memory-storage";
import type { BucketRow, ChargeRow, ClosingRow, QueueEntry, QuotaRow, RangeRow } from "#storage/rows/rows";

/** Everything of a store that an auditor holds against the guarantees. */
export interface StoreDump {
  shards: {
    jobs: JobRecord[];
    tasks: TaskRecord[];
    entries: QueueEntry[];
    joins: JoinRecord[];
    ranges: RangeRow[];
    closings: ClosingRow[];
    results: TaskResult[];
    charges: ChargeRow[];
    quotas: QuotaRow[];
    buckets: BucketRow[];
  }[];
}

/** What a memory store holds: its own objects, so nothing of it may be changed. */
export function dumpMemory(storage: MemoryStorage): StoreDump {
  return { shards: storage.inspect().map(dumpShard) };
}

/** One shard of a memory store. */
export function dumpShard({
  jobs,
  tasks,
  queues,
  branches,
  closings,
  counters,
}: MemoryShard): StoreDump["shards"][number] {
  return {
    jobs: [...jobs.records.values()],
    tasks: [...tasks.records.values()],
    entries: [...queues.entries.values()],
    joins: [...branches.joins.values()],
    ranges: [...branches.ranges.values()],
    closings: [...closings.records.values()],
    // The lists have holes where a branch was not settled yet.
    results: [...branches.settled.values()].flatMap((list) => list.filter((result) => result !== undefined)),
    charges: [...counters.charges.values()],
    quotas: [...counters.quotas.values()],
    buckets: [...counters.buckets.values()],
  };
}

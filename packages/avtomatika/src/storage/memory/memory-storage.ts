import { AvtomatikaError } from "#core/errors";
import { shardOf } from "#core/job-id";
import { refuseUnknown } from "#core/refuse-unknown";
import { copy } from "#storage/memory/copy";
import { MemoryBranches } from "#storage/memory/memory-branches";
import { MemoryCounters } from "#storage/memory/memory-counters";
import { MemoryJobs } from "#storage/memory/memory-jobs";
import { MemoryMeta } from "#storage/memory/memory-meta";
import { MemoryQueues } from "#storage/memory/memory-queues";
import { MemorySides } from "#storage/memory/memory-sides";
import { MemoryTasks } from "#storage/memory/memory-tasks";
import { combineRows } from "#storage/rows/combine-rows";
import { type Operation, RowStorage } from "#storage/rows/row-storage";
import type { Rows } from "#storage/rows/rows";
import { runOperation } from "#storage/rows/run-operation";
import type { Reply } from "#storage/storage";

export interface MemoryStorageOptions {
  /** The store's clock, in milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** How many shards; 1 by default. Several find calls that touch two, as a cluster would. */
  shards?: number;
}

/** Keeps everything in memory: it lives as long as the process. */
export class MemoryStorage extends RowStorage {
  readonly name = "memory";
  readonly shards: number;
  readonly #clock: () => number;
  readonly #parts: MemoryShard[];
  #closed = false;

  constructor(options: MemoryStorageOptions = {}) {
    super();
    refuseUnknown("MemoryStorage", options, ["clock", "shards"]);
    this.shards = options.shards ?? 1;
    this.#clock = options.clock ?? Date.now;
    this.#parts = Array.from({ length: this.shards }, (_, shard) => new MemoryShard(shard, this.shards));
  }

  open(): Promise<void> {
    this.#closed = false;
    return Promise.resolve();
  }
  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** What the store holds, for audits: not copies, so nothing of it may be changed. */
  inspect(): readonly MemoryShard[] {
    return this.#parts;
  }

  protected run<Input, Output>(
    shard: number,
    operation: Operation<Input, Output>,
    input: Input,
  ): Promise<Reply<Output>> {
    if (this.#closed) return Promise.reject(new AvtomatikaError("store_unavailable", "the memory store was closed"));
    try {
      const { rows, full } = this.#parts[shard] as MemoryShard;
      const place = { rows, shard, now: this.#clock(), full };
      // A copy: what the caller changes later, or what can't be read, must not reach half of an operation.
      const { reply, bells } = runOperation(place, operation, copy(input));
      this.ring(bells);
      return Promise.resolve(reply);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
}

/** The rows of one shard. They refuse a job of another: on a cluster one call can't touch two. */
export class MemoryShard {
  readonly jobs: MemoryJobs;
  readonly tasks: MemoryTasks;
  readonly queues = new MemoryQueues();
  readonly branches: MemoryBranches;
  readonly sides = new MemorySides();
  readonly counters = new MemoryCounters();
  readonly rows: Rows;
  /** See `Call.full`: what a worker holds is counted shard by shard, so this is as well. */
  readonly full = new Set<string>();

  constructor(shard: number, shards: number) {
    const assertOwn = (jobId: string): void => {
      const other = shardOf(jobId, shards);
      if (other !== shard) throw new Error(`a call on shard ${shard} touched ${jobId} of shard ${other}`);
    };
    this.jobs = new MemoryJobs(assertOwn);
    this.tasks = new MemoryTasks(assertOwn);
    this.branches = new MemoryBranches(assertOwn, this.tasks, this.sides);
    const { jobs, tasks, queues, branches, sides, counters } = this;
    this.rows = combineRows(jobs, tasks, queues, branches, sides, counters, new MemoryMeta());
  }
}

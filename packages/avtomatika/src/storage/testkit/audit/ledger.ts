import type { JobRecord } from "#core/job";
import type { JoinRecord } from "#core/join";
import type { TaskRecord } from "#core/task";
import type { ClosingRow, QueueEntry, RangeRow } from "#storage/rows/rows";
import type { StoreDump } from "#storage/testkit/dump";

/** What belongs to one join. */
export interface JoinBook {
  join: JoinRecord;
  tasks: TaskRecord[];
  /** Branches of its ranges that were not handed out yet. */
  remaining: number;
  results: number;
}

/** The rows of one shard, found by their keys, and the problems found so far. */
export class Ledger {
  readonly rows: StoreDump["shards"][number];
  readonly jobs = new Map<string, JobRecord>();
  readonly joins = new Map<string, JoinBook>();
  readonly tasks = new Map<string, TaskRecord>();
  readonly entries = new Map<string, QueueEntry>();
  readonly closings = new Map<string, ClosingRow>();
  readonly #problems: string[];

  constructor(rows: StoreDump["shards"][number], problems: string[]) {
    this.rows = rows;
    this.#problems = problems;
    for (const job of rows.jobs) {
      if (this.jobs.has(job.id)) this.report(job.id, "is there twice");
      this.jobs.set(job.id, job);
    }
    for (const join of rows.joins) {
      if (this.join(join) !== undefined) this.report(join.jobId, `has the join ${join.wait} twice`);
      this.joins.set(`${join.jobId}:${join.wait}`, { join, tasks: [], remaining: 0, results: 0 });
    }
    for (const closing of rows.closings) {
      if (this.closing(closing) !== undefined) this.report(closing.jobId, `has the join ${closing.wait} closing twice`);
      this.closings.set(`${closing.jobId}:${closing.wait}`, closing);
    }
    for (const entry of rows.entries) {
      const key = `${entry.jobId}:${entry.wait}:${entry.ref}`;
      if (this.entries.has(key)) this.report(entry.jobId, `stands in a lane twice, as ${place(entry)}`);
      this.entries.set(key, entry);
    }
    for (const task of rows.tasks) {
      const key = `${task.jobId}:${task.wait}:${task.index}`;
      if (this.tasks.has(key)) this.report(task.jobId, `has the task ${task.wait}/${task.index} twice`);
      this.tasks.set(key, task);
      this.join(task)?.tasks.push(task);
    }
  }

  join(place: { jobId: string; wait: number }): JoinBook | undefined {
    return this.joins.get(`${place.jobId}:${place.wait}`);
  }

  closing(place: { jobId: string; wait: number }): ClosingRow | undefined {
    return this.closings.get(`${place.jobId}:${place.wait}`);
  }

  task(jobId: string, wait: number, index: number): TaskRecord | undefined {
    return this.tasks.get(`${jobId}:${wait}:${index}`);
  }

  entry(jobId: string, wait: number, ref: number): QueueEntry | undefined {
    return this.entries.get(`${jobId}:${wait}:${ref}`);
  }

  report(jobId: string, problem: string): void {
    this.tell(`job ${jobId} ${problem}`);
  }
  /** A problem of no job. */
  tell(problem: string): void {
    this.#problems.push(problem);
  }
}

/** An entry's name in a message. */
export function place(entry: QueueEntry | RangeRow): string {
  if ("group" in entry) return `${entry.wait}/range ${entry.group}`;
  return entry.ref < 0 ? `${entry.wait}/range ${-1 - entry.ref}` : `${entry.wait}/${entry.ref}`;
}

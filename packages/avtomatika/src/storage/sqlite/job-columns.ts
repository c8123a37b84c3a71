import type { JobRecord } from "#core/job";
import { isExpiring, readyQueue, wakeOf } from "#storage/rows/rows";
import type { Database, Value } from "#storage/sqlite/database";

/** What of a job its indexes, counts and claims need; everything else is read from its body. */
export interface JobColumns {
  status: string;
  queue: string | null;
  ready: number | null;
  wake: number | null;
  lease: number | null;
  expiry: number | null;
  claim: string | null;
}

/** A leased job stands in `job_lease` only, any other that waits for a time in `job_wake`. */
export function columnsOf(job: JobRecord): JobColumns {
  return {
    status: job.status,
    queue: job.ready === null ? null : readyQueue(job),
    ready: job.ready,
    wake: job.lease === null ? wakeOf(job) : null,
    lease: job.lease?.until ?? null,
    expiry: isExpiring(job) ? job.due : null,
    claim: job.lease?.claim ?? null,
  };
}

/** The columns by the indexes that they stand in: an index is only touched where one of its columns is written. */
const sets = ["status = ?", "queue = ?, ready = ?", "wake = ?", "lease = ?", "expiry = ?"];

/** Writes a job's new body, and of its columns those that changed. */
export class JobUpdate {
  readonly #statements: ((...values: Value[]) => number)[];

  constructor(db: Database) {
    this.#statements = Array.from({ length: 1 << sets.length }, (_, mask) => {
      const changed = sets.filter((_set, bit) => (mask & (1 << bit)) !== 0);
      return db.write(`UPDATE job SET ${["body = ?", ...changed].join(", ")} WHERE n = ?`);
    });
  }

  run(n: number, body: string, now: JobColumns, former: JobColumns): void {
    const values: Value[] = [body];
    let mask = 0;
    if (now.status !== former.status) {
      mask |= 1;
      values.push(now.status);
    }
    if (now.ready !== former.ready || now.queue !== former.queue) {
      mask |= 2;
      values.push(now.queue, now.ready);
    }
    for (const [bit, name] of timed) {
      if (now[name] === former[name]) continue;
      mask |= bit;
      values.push(now[name]);
    }
    values.push(n);
    this.#statements[mask]?.(...values);
  }
}

const timed = [
  [4, "wake"],
  [8, "lease"],
  [16, "expiry"],
] as const;

import type { ScriptReply, Told } from "#storage/redis/reply";
import type { BucketRow, ChargeRow, ClosingRow, QueueEntry, QuotaRow, RangeRow } from "#storage/rows/rows";
import type { StoreDump } from "#storage/testkit/dump";

/** What `inspect.lua` told of a shard. */
export function dumpShard(reply: ScriptReply): StoreDump["shards"][number] {
  const told = (name: string) => reply.get<Told[]>(name);
  return {
    jobs: told("jobs").map((job) => reply.job(job)),
    tasks: told("tasks").map((task) => reply.task(task)),
    entries: told("entries") as unknown as QueueEntry[],
    charges: told("charges") as unknown as ChargeRow[],
    quotas: told("quotas") as unknown as QuotaRow[],
    buckets: told("buckets") as unknown as BucketRow[],
    joins: told("joins").map((join) => reply.join(join)),
    ranges: told("ranges").map(({ last, ...range }) => ({ due: null, ...range, end: last }) as unknown as RangeRow),
    closings: told("closings") as unknown as ClosingRow[],
    results: told("results").map(({ value, jobId, wait, index }) =>
      reply.result(value, jobId as string, wait as number, index as number),
    ),
  };
}

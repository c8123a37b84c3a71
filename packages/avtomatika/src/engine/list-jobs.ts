import { AvtomatikaError } from "#core/errors";
import type { JobRecord } from "#core/job";
import type { JobStatus } from "#core/status";
import { jobStatuses } from "#core/status";
import type { JobPage } from "#engine/orchestrator";
import { requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { ListJobs, Storage } from "#storage/storage";

export interface ListFilter {
  status: JobStatus | null;
  blueprint: string | null;
  limit: number;
  offset: number;
  cursor: string | null;
  quarantine: boolean;
}

/** A page over all shards, newest first. */
export async function listJobs(
  owner: string | null,
  filter: ListFilter,
  storage: Storage,
  caller: StoreCaller,
): Promise<JobPage> {
  const wanted = filter.offset + filter.limit;
  const query: Omit<ListJobs, "shard"> = {
    owner,
    status: filter.quarantine ? "quarantined" : filter.status,
    blueprint: filter.blueprint,
    withoutDiscarded: filter.quarantine,
    before: filter.cursor === null ? null : readCursor(filter.cursor),
    limit: wanted,
  };
  const shards = Array.from({ length: storage.shards }, (_, shard) => shard);
  const pages = await Promise.all(
    shards.map((shard) => caller.call(() => storage.listJobs({ ...query, shard }), requestPatienceMs)),
  );
  const all = pages.flatMap((page) => page.jobs).sort(newestFirst);
  const jobs = all.slice(filter.offset, wanted);
  const last = jobs.at(-1);
  const more = all.length > wanted || pages.some((page) => page.more);
  return { jobs, nextCursor: more && last !== undefined ? writeCursor(last) : null };
}

/** Counts over all shards. */
export async function countJobs(owner: string | null, storage: Storage, caller: StoreCaller) {
  const counts = Object.fromEntries(jobStatuses.map((status) => [status, 0])) as Record<JobStatus, number>;
  let ready = 0;
  for (let shard = 0; shard < storage.shards; shard++) {
    const reply = await caller.call(() => storage.countJobs({ shard, owner }), requestPatienceMs);
    for (const status of jobStatuses) counts[status] += reply.counts[status];
    ready += reply.ready;
  }
  return { counts, ready };
}

function newestFirst(a: JobRecord, b: JobRecord): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
}

function writeCursor(job: JobRecord): string {
  return Buffer.from(`${job.createdAt}:${job.id}`).toString("base64url");
}

function readCursor(cursor: string): { createdAt: number; id: string } {
  const match = /^(\d{1,16}):([0-9a-f-]{36})$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match === null)
    throw new AvtomatikaError("invalid_request", "cursor: expected the cursor of an earlier page's Link header");
  return { createdAt: Number(match[1]), id: match[2] as string };
}

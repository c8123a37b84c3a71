import type { Call } from "#storage/rows/call";
import { goOnClosing } from "#storage/rows/close-join";
import { parseLane } from "#storage/rows/find-lane";
import { isExpiring } from "#storage/rows/rows";

const dayMs = 86_400_000;
/** How long a lane without tasks is kept, so that one task a minute doesn't make a new lane each time. */
const emptyLaneMs = 3_600_000;

/**
 * See `Storage.purge`. A job's rows go before its record, so that a call that was cut leaves nothing unreachable. Joins
 * that are being closed come first: the workers of their tasks are told while there still is a job.
 */
export function purge(call: Call, input: { limit: number }): { removed: number; jobs: number; more: boolean } {
  let left = input.limit - goOnClosing(call, input.limit);
  let jobs = 0;
  if (left <= 0) return { removed: input.limit - left, jobs, more: true };
  for (const id of call.rows.expiredJobs(call.now, input.limit)) {
    const job = call.rows.job(id);
    if (left <= 0) break;
    if (job === undefined || !isExpiring(job)) continue;
    left -= call.rows.removeBranches(id, left);
    if (left <= 0) break;
    call.rows.removeJob(id);
    left -= 1;
    jobs += 1;
  }
  if (left > 0) left -= call.rows.removeExpiredDedup(call.now, left);
  if (left > 0) left -= call.rows.removeExpiredCounters(call.now, left);
  if (left > 0) left -= purgeWorkers(call, left);
  for (const { lane } of call.rows.emptyLanes(call.now - emptyLaneMs, Math.max(left, 0))) {
    if (parseLane(lane.id) !== null) call.rows.removeLane(lane.id);
  }
  call.rows.removeStandings(Math.floor(call.now / dayMs) - 30);
  return { removed: input.limit - left, jobs, more: left <= 0 };
}

/** A record that ran out becomes a tombstone, so that engines hear of it, and goes a day later. */
function purgeWorkers(call: Call, limit: number): number {
  const expired = call.rows.expiredWorkers(call.now, limit);
  for (const worker of expired) {
    if (worker.record === null) {
      call.rows.removeWorker(worker.id);
      continue;
    }
    const version = call.rows.next("worker");
    call.rows.putWorker({ ...worker, record: null, version, expiresAt: call.now + dayMs });
    call.bells.push({ kind: "workers", version });
  }
  return expired.length;
}

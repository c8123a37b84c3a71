import type { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import type { Host } from "avtomatika/internal/testing/network";
import type { Ledger } from "./ledger.ts";

/** How late an engine may look at what is due. */
const overdueMs = 500;

/**
 * While nothing is under way, nobody may wait for nothing: no ready job beside a free slot of an engine that knows
 * it, no parked poll beside a task that it could take.
 */
export function checkQuiet(store: MemoryStorage, hosts: readonly Host[], now: number, ledger: Ledger): void {
  if (hosts.some(({ process }) => !process.alive || process.paused)) return;
  const shards = store.inspect();
  const snapshots = hosts.map(({ engine }) => engine.snapshot());
  // A call whose reply was lost is repeated after a pause.
  if (snapshots.some(({ callsUnderWay }) => callsUnderWay > 0)) return;
  for (const { jobs } of shards) {
    for (const job of jobs.records.values()) {
      if (job.ready === null) continue;
      for (const [at, { engine }] of hosts.entries()) {
        const mayRun = job.cancel !== null || engine.blueprint(job.blueprint) !== undefined;
        if (mayRun && (snapshots[at]?.freeSlots ?? 0) > 0)
          ledger.violate(`liveness: job ${job.id} is ready beside ${snapshots[at]?.freeSlots} free slots at ${now}`);
      }
    }
  }
  // Capacity is counted per shard: who is full in one may wait with the others.
  for (const { rows } of shards) {
    const due = Math.min(
      rows.nextJobDue() ?? Infinity,
      rows.nextTaskDue() ?? Infinity,
      rows.nextRangeDue() ?? Infinity,
      rows.firstClosing()?.at ?? Infinity,
    );
    if (due < now - overdueMs) ledger.violate(`liveness: something has been due for ${Math.round(now - due)} ms`);
  }
  const isFull = (id: string, most: number): boolean => shards.some(({ tasks }) => tasks.countHeld(id) >= most);
  for (const { queues } of shards) {
    if (queues.entries.size === 0) continue;
    for (const { polls, held } of snapshots) {
      for (const poll of polls) {
        const { worker } = poll;
        if (poll.claiming || worker === undefined || isFull(poll.workerId, worker.view.maxConcurrentTasks)) continue;
        for (const entry of queues.entries.values()) {
          const lane = queues.laneRow(entry.lane)?.lane;
          if (lane !== undefined && worker.mayTake(lane) && !held.includes(lane.id)) {
            ledger.violate(
              `liveness: ${poll.workerId} waits beside task ${entry.jobId}_${entry.wait} of lane ${entry.lane}`,
            );
            return;
          }
        }
      }
    }
  }
}

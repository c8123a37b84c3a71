import { hasEnded, type JobStatus } from "avtomatika/internal/core/status";
import type { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import { audit } from "avtomatika/internal/storage/testkit/audit";
import { dumpShard } from "avtomatika/internal/storage/testkit/dump";

interface Seen {
  status: JobStatus;
  version: number;
  cancelled: boolean;
}

/** Holds what the store has against the guarantees, after every call; answers the function that does so. */
export function watchStore(store: MemoryStorage, violate: (text: string) => void): () => void {
  const seen = new Map<string, Seen>();
  return () => {
    for (const part of store.inspect()) {
      for (const fault of audit({ shards: [dumpShard(part)] })) violate(`I5: ${fault}`);
      for (const { id, status, version, cancel } of part.jobs.records.values()) {
        const before = seen.get(id);
        seen.set(id, { status, version, cancelled: cancel !== null });
        if (before === undefined) continue;
        if (version > before.version + 1) violate(`I2: job ${id} went from version ${before.version} to ${version}`);
        const revived = hasEnded(before.status) && before.status !== status && before.status !== "quarantined";
        if (revived) violate(`I6: job ${id} was ${before.status} and became ${status}`);
        if (before.cancelled && hasEnded(status) && status !== "cancelled")
          violate(`I6: job ${id} was cancelled and ended ${status}`);
      }
    }
  };
}

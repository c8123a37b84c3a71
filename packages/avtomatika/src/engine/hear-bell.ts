import type { Assembly } from "#engine/assemble";
import type { Bell } from "#storage/bell";

/** Says to each part what a bell means for it. */
export function hearBell(parts: Assembly, bell: Bell): void {
  switch (bell.kind) {
    case "ready":
      if (bell.blueprint === "*") parts.loops[bell.shard]?.ready(false);
      else if (parts.known.has(bell.blueprint)) parts.loops[bell.shard]?.ready(true);
      return;
    case "due":
      parts.loops[bell.shard]?.due(bell.at);
      return;
    case "lane":
    case "freed":
      parts.desk.hear(bell);
      return;
    case "ended":
      // What ends here rings with what it came to.
      if (parts.runner.running.get(bell.jobId) === undefined) parts.watchers.ring(bell.jobId);
      return;
    case "cancelled":
      parts.runner.running.get(bell.jobId)?.interrupt("cancelled");
      return;
    case "revoked":
      parts.revocations.add(bell.worker, bell.taskIds);
      return;
    case "wanted":
      parts.wanted.hear(bell);
      return;
    case "desk":
      parts.others.hear(bell);
      return;
    case "workers":
      parts.registry.pull().catch(parts.onError);
      return;
  }
}

import type { JsonObject } from "#core/json";
import type { Orchestrator } from "#engine/orchestrator";
import { instant } from "#server/answer/instant";
import { withoutAddresses } from "#server/answer/without-addresses";

type Worker = ReturnType<Orchestrator["workers"]>[number];

/** A worker in a list: its record, and what the engine knows. Plain clients don't see addresses. */
export function workerEntry({ id, record, seenAt, openTasks, reputation }: Worker, withAddresses: boolean): JsonObject {
  return {
    ...(withAddresses ? record : withoutAddresses(record)),
    worker_id: id,
    open_tasks: openTasks,
    reputation,
    last_seen_at: instant(seenAt),
  };
}

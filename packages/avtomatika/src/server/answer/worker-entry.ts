import type { JsonObject } from "#core/json";
import { isObject } from "#core/plain-object";
import type { Orchestrator } from "#engine/orchestrator";
import { instant } from "#server/answer/instant";

type Worker = ReturnType<Orchestrator["workers"]>[number];

const addresses = new Set(["hostname", "ip_address"]);

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

/** SDKs put them into the record or into one of its parts. */
function withoutAddresses(record: JsonObject): JsonObject {
  const entries = Object.entries(record).filter(([key]) => !addresses.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isObject(value) ? withoutAddresses(value as JsonObject) : value]),
  );
}

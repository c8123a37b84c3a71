import type { ClientEntry } from "#config/read-clients";
import type { Creation } from "#engine/orchestrator";

/** What a creation knows of its client: handlers see all of it but the quota. */
export function clientInfo(client: Creation["client"] | ClientEntry): Creation["client"] {
  const { id, plan, params, monthlyAttempts } = client;
  return { id, plan, params, monthlyAttempts };
}

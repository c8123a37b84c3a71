import type { ClientInfo } from "#core/context";
import type { JsonObject } from "#core/json";

/** What handlers see of a client. */
export function clientInfo({ id, plan, params }: { id: string; plan: string | null; params: JsonObject }) {
  return { id, plan, params } satisfies ClientInfo;
}

import type { JsonObject } from "#core/json";
import { isObject, setOwn } from "#core/plain-object";

const refused = new Set(["token", "reputation"]);

/** A worker's words without what it may not say: `token`, `reputation`, and names beginning with `_`. */
export function workerRecord(body: unknown): JsonObject {
  const record: JsonObject = {};
  if (!isObject(body)) return record;
  for (const [key, value] of Object.entries(body as JsonObject)) {
    if (!refused.has(key) && !key.startsWith("_")) setOwn(record, key, value);
  }
  return record;
}

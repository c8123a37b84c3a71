import type { JsonObject } from "#core/json";
import { setOwn } from "#core/plain-object";

/** A heartbeat's changes over a worker's record; null says nothing. Progress is of tasks and is not kept here. */
export function mergeHeartbeat(record: JsonObject, changes: JsonObject): JsonObject {
  const merged: JsonObject = { ...record };
  for (const [key, value] of Object.entries(changes))
    if (value !== null && key !== "progress") setOwn(merged, key, value);
  // The newer name of the same list: the older one would win when the record is read.
  if (Array.isArray(changes["supported_skills"]) && !Array.isArray(changes["supported_tasks"]))
    delete merged["supported_tasks"];
  // The Python SDK leaves an empty `hot_skills` out.
  if (changes["skill_dependencies"] != null && changes["hot_skills"] == null) merged["hot_skills"] = [];
  return merged;
}

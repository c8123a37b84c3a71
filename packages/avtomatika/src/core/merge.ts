import type { Json, JsonObject } from "#core/json";
import { getOwn, isObject, setOwn } from "#core/plain-object";

/**
 * Puts every key of a worker's `data` into `target` (`stateHistory`), in place and not deep: a later value
 * replaces the earlier one whole. Keys like `__proto__` become own data.
 */
export function mergeData(target: JsonObject, data: JsonObject): void {
  for (const key of Object.keys(data)) setOwn(target, key, data[key] as Json);
}

/**
 * JSON merge patch (RFC 7396): objects are merged deep, `null` removes a key, anything else replaces.
 * Returns the patched value; neither argument is changed, parts of both may be shared with the result.
 */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = {};
  if (isObject(target)) mergeData(result, target);
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json;
    if (value === null) delete result[key];
    else setOwn(result, key, mergePatch(getOwn(result, key) ?? null, value));
  }
  return result;
}

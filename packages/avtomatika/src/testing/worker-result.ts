import type { Json, JsonObject } from "#core/json";
import { isObject } from "#core/plain-object";
import { toJson } from "#core/to-json";
import { codeOf, messageOf } from "#testing/worker-errors";

const parts = ["status", "data", "error"];

/**
 * The wire's result for what a worker's function returned, as the worker SDK makes it: an object is a whole result
 * only if all its keys are among `status` (a text), `data`, `error`; any other object is the data of a success; any
 * other value is a success without data. What can't be JSON is a permanent failure.
 */
export function returnedResult(returned: unknown): JsonObject {
  try {
    const result = toJson(withReadableError(returned), "result");
    if (!isObject(result)) return { status: "success" };
    return isWhole(result) ? (result as JsonObject) : { status: "success", data: result as Json };
  } catch (error) {
    return failure("PERMANENT_ERROR", messageOf(error));
  }
}

/** The wire's result for what it threw. */
export function thrownResult(error: unknown): JsonObject {
  return failure(codeOf(error), messageOf(error));
}

export function failure(code: string, message: string): JsonObject {
  return { status: "failure", error: { code, message } };
}

function isWhole(result: object): boolean {
  const keys = Object.keys(result);
  if (keys.length === 0 || !keys.every((key) => parts.includes(key))) return false;
  const { status } = result as { status?: unknown };
  return status === undefined || typeof status === "string";
}

/** An Error as the `error` of a result: JSON would make `{}` of it. */
function withReadableError(returned: unknown): unknown {
  const error = isObject(returned) ? (returned as { error?: unknown }).error : undefined;
  if (!(error instanceof Error)) return returned;
  return { ...(returned as object), error: { code: codeOf(error), message: messageOf(error) } };
}

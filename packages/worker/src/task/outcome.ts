import { codeOf, type FailureCode, messageOf } from "#task/errors";
import { jsonText } from "#task/json-text";

/** A whole result, as it may be returned by a handler. A status of one's own leads along the transition of that name. */
export interface TaskResult {
  status?: string;
  data?: unknown;
  error?: unknown;
}

export const cancelled = '{"status":"cancelled"}';

/** A failure in the form of the wire. */
export function failure(code: FailureCode, message: string): string {
  return JSON.stringify({ status: "failure", error: { code, message } });
}

/** What was thrown, in the form of the wire. */
export function thrownOutcome(error: unknown): string {
  return failure(codeOf(error), messageOf(error));
}

/**
 * What a handler returned, in the form of the wire: an object is a whole result only if all its keys are among
 * `status` (a string), `data`, `error`; any other object is the data of a success; anything else is a success without
 * data, and so is an array. What isn't JSON becomes a permanent failure that names the path.
 */
export function returnedOutcome(returned: unknown): string {
  try {
    const text = jsonText(withReadableError(returned), "result");
    // As JSON sees it: `toJSON` may make anything of an object.
    if (text === undefined || !text.startsWith("{")) return '{"status":"success"}';
    return isWhole(returned, text) ? text : `{"status":"success","data":${text}}`;
  } catch (error) {
    return failure("PERMANENT_ERROR", messageOf(error));
  }
}

/** Whether data went overboard: a handler returned something, but no object. */
export function isLost(returned: unknown): boolean {
  return returned != null && (typeof returned !== "object" || Array.isArray(returned));
}

const parts = new Set(["status", "data", "error"]);

function isWhole(returned: unknown, text: string): boolean {
  const seen = typeof (returned as { toJSON?: unknown }).toJSON === "function" ? JSON.parse(text) : returned;
  const entries = Object.entries(seen as object).filter(([, value]) => value !== undefined);
  if (entries.length === 0 || !entries.every(([key]) => parts.has(key))) return false;
  const status = (seen as TaskResult).status;
  return status === undefined || typeof status === "string";
}

/** An Error as the `error` of a result: JSON would make `{}` of it. */
function withReadableError(returned: unknown): unknown {
  const error = typeof returned === "object" && returned !== null ? (returned as TaskResult).error : undefined;
  if (!(error instanceof Error)) return returned;
  return { ...(returned as TaskResult), error: { code: codeOf(error), message: messageOf(error) } };
}

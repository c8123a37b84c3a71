import type { ResultBody } from "@avtomatika/protocol";
import { describe } from "#core/describe";
import type { Json } from "#core/json";
import { isName } from "#core/names";
import { isObject } from "#core/plain-object";
import type { Report } from "#core/settle";
import type { ResultMessage } from "#engine/orchestrator";

const transient = "TRANSIENT_ERROR";
/** The longest message of an error, in characters: it stands in lists and logs, a trace belongs elsewhere. */
const longestMessage = 16 * 1024;

/** A result as a worker sent it. `sender`: whose it is if it doesn't say so; by default of whoever holds the task. */
export function readResult(
  body: ResultBody,
  sender: Pick<ResultMessage, "worker" | "mayBe"> = { worker: "*" },
): ResultMessage {
  const { job_id: jobId, task_id: taskId, worker_id: worker } = body;
  // Newer SDKs send the result flat, beside the ids.
  const result = Object.hasOwn(body, "result") ? body.result : body;
  return { jobId, taskId, ...(worker == null ? sender : { worker }), report: readReport(result as Json) };
}

/** What isn't an object is a success without data: a handler returned it. */
function readReport(result: Json): Report {
  if (!isObject(result)) return { status: "success", data: null, error: null };
  const { status = null, data = null, error = null, error_message: message = null } = result as Record<string, Json>;
  if (status !== null && !isName(status)) return oddStatus(status);
  return { status: status ?? "success", data, error: readError(error ?? message) };
}

function readError(error: Json): Report["error"] {
  if (error === null) return null;
  if (!isObject(error)) return { code: transient, message: toText(error as Json) };
  const { code = null, message = null } = error as Record<string, Json>;
  return {
    code: isName(code) ? code : transient,
    message: message === null ? "the worker gave no reason" : toText(message),
  };
}

function toText(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage)}… (${text.length} characters)`;
}

/** Refused it would be sent again and lost; this way the job says what was wrong. */
function oddStatus(status: Json): Report {
  const message = `the status of a result is a text of 1 to 128 characters, got ${describe(status)}`;
  return { status: "failure", data: null, error: { code: transient, message } };
}

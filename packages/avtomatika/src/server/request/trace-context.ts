import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "#core/json";

const traceparentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const maxTracestate = 512;

/**
 * The W3C trace context (https://www.w3.org/TR/trace-context/) of a request; a new trace where it has none, or one of
 * the wrong form. Nothing else of the headers is kept.
 */
export function traceOf(headers: IncomingHttpHeaders): JsonObject {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== "string" || !traceparentForm.test(traceparent)) return newTrace();
  const isState = typeof tracestate === "string" && tracestate.length <= maxTracestate && /^[ -~]+$/.test(tracestate);
  return isState ? { traceparent, tracestate } : { traceparent };
}

/** A trace that begins with a job. */
export function newTrace(): JsonObject {
  return { traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01` };
}

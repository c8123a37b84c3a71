import { AvtomatikaError, TimeoutError } from "#http/errors";

/** Why no answer came, and whether the engine can't have got the request. */
export interface NetworkFault {
  error: AvtomatikaError;
  unsent: boolean;
  /** Repeating can't help: the client is closed, or the request can't be written. */
  final: boolean;
}

const timeouts = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT"]);
const closed = new Set(["UND_ERR_CLOSED", "UND_ERR_DESTROYED"]);
const unsent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Reads what undici rejected with. */
export function networkFault(cause: unknown, call: string): NetworkFault {
  const { code = "", message = "" } = cause as { code?: string; message?: string };
  if (closed.has(code)) {
    const error = new AvtomatikaError("the client was closed", { code: "client_closed", cause });
    return { error, unsent: true, final: true };
  }
  if (code === "UND_ERR_INVALID_ARG") {
    const error = new AvtomatikaError(`${call}: ${message}`, { code: "invalid_argument", cause });
    return { error, unsent: true, final: true };
  }
  if (timeouts.has(code)) {
    return { error: new TimeoutError(`${call}: no answer in time`, { cause }), unsent: unsent.has(code), final: false };
  }
  // Both of a host's addresses refused: the message is empty, the parts have it.
  const parts = cause instanceof AggregateError ? (cause.errors as Error[]).map((error) => error.message) : [message];
  const error = new AvtomatikaError(`${call}: ${parts.join("; ") || code}`, { code: "network_error", cause });
  return { error, unsent: unsent.has(code), final: false };
}

import { AvtomatikaError, type ErrorCode } from "#core/errors";

/** An error as it is sent, without its request's id. */
export interface ErrorAnswer {
  status: number;
  code: ErrorCode;
  message: string;
  details: readonly string[] | undefined;
}

const internal: ErrorAnswer = {
  status: 500,
  code: "internal_error",
  message: "a fault of the engine: its log has the cause under this request_id",
  details: undefined,
};

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  413: "limit_exceeded",
  415: "unsupported_media_type",
};

/** What a client is told of an error: nothing of one that isn't meant for it. `bodyLimit` is the route's, in bytes. */
export function toErrorAnswer(error: unknown, bodyLimit: number): ErrorAnswer {
  if (error instanceof AvtomatikaError) {
    if (error.status >= 500 && error.code !== "store_unavailable") return internal;
    return { status: error.status, code: error.code, message: error.message, details: error.details };
  }
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return answer(413, `the body is larger than ${bodyLimit} bytes`);
  }
  // The framework's own refusals, and those of routes that a program added.
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return internal;
  return answer(statusCode, String(message));
}

function answer(status: number, message: string): ErrorAnswer {
  return { status, code: codes[status] ?? "invalid_request", message, details: undefined };
}

/**
 * The catalogue of errors. Every error that a user can meet has a code here; the HTTP server sends the
 * code and the status, and never a stack trace.
 */
export const catalogue = {
  invalid_argument: { status: 400, summary: "An argument of a public function is wrong." },
  invalid_request: { status: 400, summary: "A request's body, query or path is wrong." },
  invalid_blueprint: { status: 500, summary: "A blueprint has problems; all of them are listed." },
  invalid_config: { status: 500, summary: "A configuration value can't be used." },
  unknown_state: { status: 500, summary: "An action names a state that the blueprint doesn't have." },
  action_already_chosen: { status: 500, summary: "A handler chose a second action." },
  action_too_late: { status: 500, summary: "An action was called after its handler had returned." },
  not_json: { status: 500, summary: "A value can't be stored as JSON." },
  limit_exceeded: { status: 413, summary: "A bound was passed." },
  unauthorized: { status: 401, summary: "No token, or one that nobody has." },
  forbidden: { status: 403, summary: "The token is known, but lacks the right." },
  not_found: { status: 404, summary: "There is no such thing, or it is somebody else's." },
  method_not_allowed: { status: 405, summary: "The route exists, but not for this method." },
  conflict: { status: 409, summary: "The thing's present state doesn't allow it." },
  idempotency_conflict: { status: 409, summary: "The idempotency key was used for another request." },
  unsupported_media_type: { status: 415, summary: "The body is not JSON." },
  rate_limited: { status: 429, summary: "Too many calls in too short a time." },
  quota_exceeded: { status: 429, summary: "The client has used up its jobs of this month." },
  store_unavailable: { status: 503, summary: "The store is away; try again." },
  store_in_use: { status: 500, summary: "The store's file belongs to another engine." },
  store_format: { status: 500, summary: "The store was written in a format this version can't read." },
  engine_state: { status: 500, summary: "The engine is not in a state that allows the call." },
  internal_error: { status: 500, summary: "A fault of the engine itself." },
} as const satisfies Record<string, { status: number; summary: string }>;

export type ErrorCode = keyof typeof catalogue;

/** Every error that this package throws on purpose. */
export class AvtomatikaError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, options: { details?: readonly string[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.status = catalogue[code].status;
    this.details = options.details;
  }
}

/** An action names a state that the blueprint doesn't have. */
export class UnknownStateError extends AvtomatikaError {
  constructor(message: string) {
    super("unknown_state", message);
  }
}

/** A handler chose a second action: exactly one is allowed per run. */
export class ActionAlreadyChosenError extends AvtomatikaError {
  constructor(message: string) {
    super("action_already_chosen", message);
  }
}

/** A value can't be stored as JSON; `path` says where it stands. */
export class NotJsonError extends AvtomatikaError {
  readonly path: string;
  constructor(path: string, message: string) {
    super("not_json", message);
    this.path = path;
  }
}

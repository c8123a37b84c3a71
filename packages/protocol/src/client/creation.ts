import Type, { type Static } from "typebox";
import { about, anyObject, closed, maybe, seconds, words } from "#fields";

/** An object is an envelope if and only if it has `initial_data` or `webhook_url`; any other is the initial data itself. */
export function isEnvelope(body: object): boolean {
  return Object.hasOwn(body, "initial_data") || Object.hasOwn(body, "webhook_url");
}

export const creationBody = anyObject;

/** What a form fills in where nothing is meant to be said. */
const unsaid = { examples: [null] };

/** Unknown keys are ignored. */
export const creationEnvelope = Type.Object(
  {
    initial_data: about("What the job starts with: `{}` by default.", maybe(anyObject)),
    webhook_url: about("Refused, unless it is null: this version sends no webhooks.", maybe(Type.String(), unsaid)),
    webhook_events: about("Without effect: this version sends no webhooks.", maybe(Type.Array(Type.String()), unsaid)),
    dispatch_timeout: about("Seconds that an attempt of a task may wait for a worker.", maybe(seconds, unsaid)),
    result_timeout: about(
      "Seconds from a task's first queueing to its result, retries included.",
      maybe(seconds, unsaid),
    ),
    priority: about(
      "Higher ones go first, as do their tasks; 0 by default. Rounded to a whole number.",
      maybe(Type.Number({ minimum: -1000, maximum: 1000 }), unsaid),
    ),
    metadata: about("At most 16 KiB of JSON: shown in the view, and nowhere else.", maybe(anyObject, unsaid)),
  },
  { $id: "CreationEnvelope" },
);
export type CreationEnvelope = Static<typeof creationEnvelope>;

/** Each entry is judged on its own: it is accepted or rejected. */
export const batchBody = Type.Object({ jobs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }) });

const wait = about(
  "Seconds to wait for the job's end; `WAIT_LIMIT_SECONDS` is the most.",
  Type.Optional(Type.Number({ minimum: 0 })),
);

/** Seconds; the most is configured. */
export const waitQuery = Type.Object({ wait });

export const creationHeaders = Type.Object({
  "Idempotency-Key": about(
    "The same request with the same key gives the same job, with `200`; another request with it is a `409`. " +
      "On a batch it stands for one key per entry.",
    Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  ),
  traceparent: about(
    "W3C trace context, continued by the job's tasks; one of another form is passed over.",
    Type.Optional(Type.String()),
  ),
  tracestate: about("Goes with `traceparent`.", Type.Optional(Type.String())),
});

export const acceptedAnswer = closed({ status: words("accepted"), job_id: Type.String() }, "Accepted");

const rejected = closed(
  {
    status: words("rejected"),
    error: about("What was expected, what came.", Type.String()),
    code: about("Of the catalogue of errors.", Type.String()),
  },
  "Rejected",
);

export const batchAnswer = closed({
  jobs: about("In the order of the request.", Type.Array(Type.Union([acceptedAnswer, rejected]))),
});

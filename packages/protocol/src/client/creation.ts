import Type, { type Static } from "typebox";
import { anyObject, maybe, name, seconds, words } from "#fields";

/** An object is an envelope if and only if it has `initial_data` or `webhook_url`; any other is the initial data itself. */
export function isEnvelope(body: object): boolean {
  return Object.hasOwn(body, "initial_data") || Object.hasOwn(body, "webhook_url");
}

export const creationBody = anyObject;

/** Unknown keys are ignored. */
export const creationEnvelope = Type.Object({
  initial_data: maybe(anyObject),
  webhook_url: maybe(Type.String()),
  webhook_events: maybe(Type.Array(Type.String())),
  dispatch_timeout: maybe(seconds),
  result_timeout: maybe(seconds),
  priority: maybe(Type.Number({ minimum: -1000, maximum: 1000 })),
  metadata: maybe(anyObject),
});
export type CreationEnvelope = Static<typeof creationEnvelope>;

/** Each entry is judged on its own: it is accepted or rejected. */
export const batchBody = Type.Object({ jobs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }) });

/** Seconds; the most is configured. */
export const waitQuery = Type.Object({ wait: Type.Optional(Type.Number({ minimum: 0 })) });

export const acceptedAnswer = Type.Object({ status: words("accepted"), job_id: name });

export const batchAnswer = Type.Object({
  jobs: Type.Array(
    Type.Union([acceptedAnswer, Type.Object({ status: words("rejected"), error: Type.String(), code: Type.String() })]),
  ),
});

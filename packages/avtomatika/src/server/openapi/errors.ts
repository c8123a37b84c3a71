import { catalogue, type ErrorCode } from "#core/errors";
import type { JsonSchema } from "#server/openapi/components";
import type { Operation } from "#server/openapi/operation";

/** Who may call a route. */
export type Group = "public" | "client" | "worker";

/** What any route of a group can answer. */
const ofGroup: Readonly<Record<Group, readonly ErrorCode[]>> = {
  public: [],
  client: ["unauthorized", "rate_limited"],
  worker: ["unauthorized", "rate_limited"],
};
/** What goes for every answer of a status. */
const headersOf: Readonly<Record<number, Readonly<Record<string, object>>>> = {
  429: { "Retry-After": { description: "Seconds.", schema: { type: "string" } } },
  503: { "Retry-After": { description: "Seconds.", schema: { type: "string" } } },
};

export interface Inputs {
  group: Group;
  /** Path or query parameters, headers, a body. */
  takesAnything: boolean;
  takesBody: boolean;
}

/** Every code that a route can answer with. */
export function codesOf(operation: Operation, { group, takesAnything, takesBody }: Inputs): ErrorCode[] {
  const codes = new Set<ErrorCode>([
    ...(takesAnything ? (["invalid_request"] as const) : []),
    ...ofGroup[group],
    ...(operation.codes ?? []),
    ...(takesBody ? (["limit_exceeded", "unsupported_media_type"] as const) : []),
    "internal_error",
    ...(operation.storeless ? [] : (["store_unavailable"] as const)),
  ]);
  return [...codes];
}

/** The answers of these codes, by status. */
export function errorAnswers(codes: readonly ErrorCode[]): Record<number, object> {
  const statuses = [...new Set(codes.map((code) => catalogue[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => catalogue[code].status === status);
      const [only] = own;
      return [status, own.length === 1 ? { $ref: `#/components/responses/${only}` } : answerOf(own)];
    }),
  );
}

/** One answer per code of the catalogue that leaves the process. */
export function errorComponents(): Record<string, object> {
  const told = (Object.keys(catalogue) as ErrorCode[]).filter(
    (code) => catalogue[code].status < 500 || code === "internal_error" || code === "store_unavailable",
  );
  return Object.fromEntries(told.map((code) => [code, answerOf([code])]));
}

function answerOf(codes: readonly ErrorCode[]): object {
  const status = catalogue[codes[0] as ErrorCode].status;
  const schema: JsonSchema = {
    allOf: [{ $ref: "#/components/schemas/Error" }],
    properties: { code: { enum: [...codes] } },
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${catalogue[code].summary}`).join(" "),
    ...(headersOf[status] && { headers: headersOf[status] }),
    content: { "application/json": { schema } },
  };
}

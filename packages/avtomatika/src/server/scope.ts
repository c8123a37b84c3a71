import type { IncomingMessage, ServerResponse } from "node:http";
import { readQuery, type Static, type TSchema, violations } from "@avtomatika/protocol";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchemaCompiler,
  FastifyTypeProvider,
  RawServerDefault,
} from "fastify";
import { AvtomatikaError } from "#core/errors";

/** Types requests by their schemas. */
interface Schemas extends FastifyTypeProvider {
  validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
}

/** A part of the app whose routes have schemas of the protocol. */
export type Scope = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, Schemas>;

/** Judges requests by the schemas of the protocol; queries are texts, so their numbers are read first. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const root = httpPart === "body" || httpPart === undefined ? "body" : "query";
  return (given: Record<string, unknown>) => {
    const value = httpPart === "querystring" ? readQuery(schema, given) : given;
    // Fastify gives null where there is no body; some need none.
    if (value === null && violations(schema, null).length === 0) return { value };
    const found = violations(schema, value ?? undefined, root);
    return found.length === 0 ? { value } : { error: refusal(found) };
  };
};

/** The error for what `violations` found. */
export function refusal(found: readonly string[]): AvtomatikaError {
  const [first = "", ...more] = found;
  const message = more.length === 0 ? first : `${first} (and ${more.length} more: see details)`;
  return new AvtomatikaError("invalid_request", message, { details: found });
}

import type { TSchema } from "typebox";
import type { Keywords } from "#expectation";

/**
 * The texts of a query as the schema's types: numbers where it expects them. What can't be read stays as it came, so
 * that `violations` tells of it. Keys that the schema doesn't know are left out.
 */
export function readQuery(schema: TSchema, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [key, property] of Object.entries((schema as Keywords).properties ?? {})) {
    const value = query[key];
    if (value !== undefined) read[key] = isNumeric(property) ? readNumber(value) : value;
  }
  return read;
}

function isNumeric({ type }: Keywords): boolean {
  return type === "number" || type === "integer";
}

function readNumber(value: unknown): unknown {
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

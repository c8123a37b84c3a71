// What can be attacked: the routes of the OpenAPI document, and every field of theirs that a caller fills in.
import type { Document, JsonSchema, Operation } from "../contract/contract.ts";

/** A route, as the document has it. */
export interface Route {
  /** As the engine lists it: `POST /api/v1/jobs/:job_id/cancel`. */
  name: string;
  method: string;
  /** The document's path and method. */
  path: string;
  verb: string;
  operation: Operation;
  fields: readonly Field[];
  /** Keys that its body needs. */
  required: readonly string[];
  /** Bytes; a mebibyte unless it says otherwise. */
  bodyLimit: number;
}

/** A key of an object, `[]` for an entry of an array, `{}` for a value under any key. */
export type Step = string;

/** Something that a caller fills in. */
export interface Field {
  place: "path" | "query" | "header" | "token" | "body";
  /** As messages name it: `jobs[].priority`. */
  name: string;
  /** Of a body, from its root. */
  steps: readonly Step[];
  schema: JsonSchema;
  /** Of a parameter: where its schema stands in the document. */
  at: readonly string[];
}

const mebibyte = 1024 * 1024;
/** Deeper than anything of ours. */
const deepest = 8;

/** The routes of a document; each `GET` that the engine has a `HEAD` for is there twice. */
export function surfaceOf(document: Document, engineRoutes: readonly string[]): Route[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([verb, operation]) => {
      const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
      const method = verb.toUpperCase();
      const route = {
        name: `${method} ${url}`,
        method,
        path,
        verb,
        operation,
        fields: fieldsOf(document, operation, ["paths", path, verb, "parameters"]),
        required: requiredOf(document, operation),
        bodyLimit: operation.requestBody?.["x-max-bytes"] ?? mebibyte,
      };
      const twin = `HEAD ${url}`;
      const hasTwin = verb === "get" && engineRoutes.includes(twin);
      return hasTwin ? [route, { ...route, name: twin, method: "HEAD", fields: [] }] : [route];
    }),
  );
}

/** Where the schema of a route's body stands in the document. */
export function bodyPlace({ path, verb }: Route): string[] {
  return ["paths", path, verb, "requestBody", "content", "application/json", "schema"];
}

function fieldsOf(document: Document, operation: Operation, at: readonly string[]): Field[] {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, schema }, index): Field => ({
      place,
      name,
      steps: [],
      schema,
      at: [...at, String(index), "schema"],
    }),
  );
  const tokens = (operation.security ?? []).flatMap(Object.keys).map((scheme): Field => {
    const { name = "Authorization" } = document.components.securitySchemes[scheme] ?? {};
    return { place: "token", name, steps: [], schema: {}, at: [] };
  });
  const body = operation.requestBody?.content["application/json"].schema;
  const found = new Map<string, Field>();
  if (body !== undefined) collect(document, body, [], found);
  return [...parameters, ...tokens, ...found.values()];
}

function requiredOf(document: Document, { requestBody }: Operation): readonly string[] {
  if (requestBody === undefined) return [];
  return resolve(document, requestBody.content["application/json"].schema).required ?? [];
}

/** Every field below a schema, whichever of its alternatives has it. */
function collect(document: Document, given: JsonSchema, steps: readonly Step[], found: Map<string, Field>): void {
  if (steps.length > deepest) return;
  const schema = resolve(document, given);
  for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
    collect(document, part, steps, found);
  }
  const into = (step: Step, part: JsonSchema): void => {
    const path = [...steps, step];
    const name = path.join(".").replaceAll(/\.(\[\]|\{\})/g, "$1");
    if (!found.has(name))
      found.set(name, { place: "body", name, steps: path, schema: resolve(document, part), at: [] });
    collect(document, part, path, found);
  };
  for (const [key, part] of Object.entries(schema.properties ?? {})) into(key, part);
  if (schema.items !== undefined) into("[]", schema.items);
  if (typeof schema.additionalProperties === "object") into("{}", schema.additionalProperties);
}

function resolve(document: Document, schema: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const keys = schema.$ref.slice(2).split("/");
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], document) as JsonSchema;
}

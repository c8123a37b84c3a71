import { creationEnvelope, errorAnswer } from "@avtomatika/protocol";
import type { Config } from "#config/config";
import type { BlueprintDefinition } from "#core/definition";
import { Components, type JsonSchema } from "#server/openapi/components";
import { creationBody } from "#server/openapi/creation-body";
import { codesOf, errorAnswers, errorComponents } from "#server/openapi/errors";
import { type Found, findOperation, identifier } from "#server/openapi/find-operation";
import { about, securityOf, securitySchemes, tagOrder } from "#server/openapi/frame";
import type { Answer } from "#server/openapi/operation";
import { batchCreation } from "#server/openapi/operations/creations";
import { parameters } from "#server/openapi/parameters";
import type { EngineRoute } from "#server/openapi/route";

/** What a document is made of. */
export interface Documented {
  routes: readonly EngineRoute[];
  blueprints: readonly BlueprintDefinition[];
  config: Pick<Config, "clientApiPrefix" | "waitLimitSeconds">;
  /** The package's. */
  version: string;
}

/** The OpenAPI 3.1 document of an engine's routes. Throws for a route that nothing describes. */
export function openapiDocument({ routes, blueprints, config, version }: Documented): object {
  const components = new Components();
  components.write(errorAnswer);
  components.write(creationEnvelope);
  const paths: Record<string, Record<string, object>> = {};
  const tags = new Map<string, BlueprintDefinition | undefined>();
  for (const route of routes) {
    const found = findOperation(route, `/${config.clientApiPrefix}`, blueprints);
    tags.set(found.tag, found.blueprint);
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = writeOperation(route, found, { components, blueprints, config });
  }
  return {
    openapi: "3.1.0",
    info: { title: "Avtomatika", version, description: about },
    servers: [{ url: "/" }],
    tags: [...tags].sort(byOrder).map(([name, blueprint]) => ({
      name,
      ...(blueprint !== undefined && { description: `Jobs of the blueprint \`${blueprint.name}\`.` }),
    })),
    paths,
    components: { schemas: components.schemas, responses: errorComponents(), securitySchemes },
  };
}

interface Making extends Pick<Documented, "blueprints" | "config"> {
  components: Components;
}

function writeOperation(route: EngineRoute, found: Found, making: Making): object {
  const { operation, group, id, tag } = found;
  const { components, config } = making;
  const { params, querystring } = route.schema;
  // Waits are held as long as the configuration allows; past it a poll's is shortened, a job's refused.
  const bounds = { wait: { maximum: config.waitLimitSeconds } };
  const inputs = [
    ...parameters("path", params, components),
    ...parameters("query", querystring, components, bounds),
    ...parameters("header", operation.headers, components),
  ];
  const takesBody = route.method !== "GET";
  const requestBody = takesBody ? bodyOf(route, found, making) : undefined;
  const codes = codesOf(operation, { group, takesAnything: inputs.length > 0 || takesBody, takesBody });
  return {
    operationId: id,
    tags: [tag],
    summary: operation.summary,
    ...(operation.description !== undefined && { description: operation.description }),
    ...securityOf(group),
    ...(inputs.length > 0 && { parameters: inputs }),
    ...(requestBody !== undefined && { requestBody }),
    responses: { ...errorAnswers(codes), ...writeAnswers(operation.answers, components) },
  };
}

function bodyOf(route: EngineRoute, { operation, blueprint }: Found, making: Making): object | undefined {
  const schema =
    blueprint === undefined ? ownBody(route, making) : creationsBody(blueprint, operation === batchCreation, making);
  if (schema === undefined) return undefined;
  const isOptional = Array.isArray(schema["type"]) && schema["type"].includes("null");
  return {
    description: `At most ${sizeOf(route.bodyLimit)}.`,
    required: !isOptional,
    content: { "application/json": { schema } },
    "x-max-bytes": route.bodyLimit,
  };
}

function ownBody({ schema: { body } }: EngineRoute, { components }: Making): JsonSchema | undefined {
  return body === undefined ? undefined : components.write(body);
}

function creationsBody(blueprint: BlueprintDefinition, isBatch: boolean, making: Making): JsonSchema {
  const { components, blueprints } = making;
  const one = creationBody(blueprint, identifier(blueprint.name, blueprints), components);
  if (!isBatch) return one;
  const jobs = { type: "array", minItems: 1, maxItems: 1000, items: one };
  return { type: "object", properties: { jobs }, required: ["jobs"] };
}

function writeAnswers(answers: Readonly<Record<number, Answer>>, components: Components): Record<string, object> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, types, headers }]) => {
      const text = Object.fromEntries((types ?? []).map((type) => [type, {}]));
      const content = schema === undefined ? text : { "application/json": { schema: components.write(schema) } };
      return [
        status,
        {
          description,
          ...(headers && {
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, words]) => [
                name,
                { description: words, schema: { type: "string" } },
              ]),
            ),
          }),
          ...(Object.keys(content).length > 0 && { content }),
        },
      ];
    }),
  );
}

function byOrder([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return tagOrder(a) - tagOrder(b);
}

function sizeOf(bytes: number): string {
  const mebibyte = 1024 * 1024;
  return bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : `${bytes} bytes`;
}

import type { BlueprintDefinition } from "#core/definition";
import type { JsonSchema } from "#server/openapi/components";

/**
 * What a blueprint's `inputSchema` accepts, as JSON Schema, to stand in the document under `name`; null without an
 * `inputSchema`, and for one that can't say (the library is too old for it, or it transforms what JSON doesn't have).
 */
export function inputSchema({ inputSchema: schema }: BlueprintDefinition, name: string): JsonSchema | null {
  const write = schema?.["~standard"].jsonSchema?.input;
  if (write === undefined) return null;
  try {
    // Through JSON: what a document can't hold is not in it.
    const { $schema: _dialect, $id: _id, ...json } = JSON.parse(JSON.stringify(write({ target: "draft-2020-12" })));
    return rebase(json, name) as JsonSchema;
  } catch {
    return null;
  }
}

/** References within the schema are meant from its own root. */
function rebase(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => rebase(item, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      key === "$ref" && typeof item === "string" && item.startsWith("#")
        ? [key, `#/components/schemas/${name}${item.slice(1)}`]
        : [key, rebase(item, name)],
    ),
  );
}

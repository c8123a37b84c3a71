import type { TSchema } from "@avtomatika/protocol";
import type { Components, JsonSchema } from "#server/openapi/components";

/** The properties of an object as parameters of a path, query or header. `bounds` adds what is configured, by name. */
export function parameters(
  place: "path" | "query" | "header",
  schema: TSchema | undefined,
  components: Components,
  bounds: Readonly<Record<string, JsonSchema>> = {},
): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schema as { properties?: Record<string, TSchema>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = components.write(property);
    return {
      name,
      in: place,
      ...(description !== undefined && { description }),
      required: required.includes(name),
      schema: { ...rest, ...bounds[name] },
    };
  });
}

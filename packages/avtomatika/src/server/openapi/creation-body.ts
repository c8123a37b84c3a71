import { creationEnvelope } from "@avtomatika/protocol";
import type { BlueprintDefinition } from "#core/definition";
import { type Components, type JsonSchema, reference } from "#server/openapi/components";
import { inputSchema } from "#server/openapi/input-schema";

/** What makes an object an envelope. */
const marks = [{ required: ["initial_data"] }, { required: ["webhook_url"] }];

/** The body of a creation: an envelope, or the initial data itself. `id` is the blueprint's, for names of schemas. */
export function creationBody(blueprint: BlueprintDefinition, id: string, components: Components): JsonSchema {
  const input = inputSchema(blueprint, `Input_${id}`);
  const envelope = components.write(creationEnvelope);
  components.schemas["InitialData"] ??= {
    type: "object",
    description: "The initial data itself: any object without `initial_data` and `webhook_url`.",
    not: { anyOf: marks },
  };
  components.schemas["Creation"] ??= {
    oneOf: [{ allOf: [envelope], anyOf: marks }, reference("InitialData")],
  };
  if (input === null) return reference("Creation");
  components.schemas[`Input_${id}`] = input;
  const data = reference(`Input_${id}`);
  return {
    oneOf: [
      { allOf: [envelope], properties: { initial_data: data }, anyOf: marks },
      { allOf: [reference("InitialData"), data] },
    ],
  };
}

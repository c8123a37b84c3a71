import type { HandlerContext } from "#core/context";
import type { AnyHandler, BlueprintDefinition, StandardSchema } from "#core/definition";

/** Around every function of a blueprint: `run` makes the call; `context` is null for a schema. */
export type Watch = (context: HandlerContext | null, run: () => unknown) => unknown;

/** The same blueprint, with something around its functions. */
export function watchDefinition(definition: BlueprintDefinition, watch: Watch): BlueprintDefinition {
  const around = (handler: AnyHandler): AnyHandler => {
    return (context) => watch(context, () => handler(context));
  };
  const states = [...definition.states].map(([name, state]) => {
    const { handler, conditional, aggregator } = state;
    const watched = {
      ...state,
      handler: handler && around(handler),
      conditional: conditional.map((each) => ({ condition: each.condition, handler: around(each.handler) })),
      aggregator: aggregator && around(aggregator),
    };
    return [name, watched] as const;
  });
  const { inputSchema } = definition;
  return { ...definition, states: new Map(states), inputSchema: inputSchema && watchSchema(inputSchema, watch) };
}

function watchSchema(schema: StandardSchema, watch: Watch): StandardSchema {
  const { version, vendor } = schema["~standard"];
  type Validate = StandardSchema["~standard"]["validate"];
  const validate: Validate = (value) => watch(null, () => schema["~standard"].validate(value)) as ReturnType<Validate>;
  return { "~standard": { version, vendor, validate } };
}

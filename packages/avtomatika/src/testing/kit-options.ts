import type { Config } from "#config/config";
import { loadConfig } from "#config/load-config";
import { variables } from "#config/variables";
import type { StateMachineBlueprint } from "#core/blueprint";
import type { BlueprintDefinition } from "#core/definition";
import { describe, quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";

/** A `StateMachineBlueprint` of any type arguments. */
export type TestedBlueprint = Pick<StateMachineBlueprint, "name" | "define">;

/** Settings of the engine, by the keys of `loadConfig`. */
export type KitSettings = { [Key in keyof Config]?: Config[Key] | undefined };

/** Ended jobs are kept for ever: a test may look at them after any time. */
const keptSeconds = 1000 * 365 * 86_400;

/** The checked blueprints, the tested one first. Throws like `registerBlueprint`. */
export function defineAll(flow: TestedBlueprint, others: readonly TestedBlueprint[]): BlueprintDefinition[] {
  const definitions = [flow, ...others].map((blueprint) => {
    if (typeof (blueprint as Partial<TestedBlueprint> | null)?.define === "function") return blueprint.define();
    throw wrong(`expected a StateMachineBlueprint, got ${describe(blueprint)}`);
  });
  for (const [at, { name }] of definitions.entries()) {
    if (definitions.findIndex((each) => each.name === name) < at)
      throw new AvtomatikaError("invalid_blueprint", `there is a blueprint ${quote(name)} already`);
  }
  return definitions;
}

/** The defaults with the given settings before them; the environment of the tests counts for nothing. */
export function configOf(settings: KitSettings): Config {
  const defaults = Object.fromEntries(Object.entries(variables).map(([key, { fallback }]) => [key, fallback]));
  return loadConfig({ ...defaults, jobRetentionSeconds: keptSeconds, dispatchHoldMs: 0, ...settings });
}

/** Checks a worker's function and its type. */
export function checkWorker(type: unknown, perform: unknown): void {
  if (typeof type !== "string" || !/^[^$].{0,127}$/s.test(type))
    throw wrong(`a task type is a text of 1 to 128 characters that doesn't begin with "$", got ${describe(type)}`);
  if (typeof perform !== "function")
    throw wrong(`the worker of ${quote(type)} is a function, got ${describe(perform)}`);
}

export function wrong(message: string): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", message);
}

import type { Action } from "#core/action";
import { Options } from "#core/actions/options";
import { type KnownStates, requireTransitions, type Target } from "#core/actions/states";
import { readData } from "#core/actions/task";
import { requireName } from "#core/names";

export interface RunBlueprintOptions<States extends string = string> {
  blueprintName: string;
  /** Copied through JSON at the call; default `{}`. */
  initialData?: object | undefined;
  /** `success` or `failure` to state; an outcome that isn't listed leads to `failed`. */
  transitions: Readonly<Record<string, Target<States>>>;
}

const known: ReadonlySet<string> = new Set(["blueprintName", "initialData", "transitions"]);

export function readChild(given: unknown, states: KnownStates): Action {
  const options = new Options("runBlueprint", given, known);
  return {
    kind: "child",
    blueprintName: requireName(options.path("blueprintName"), options.get("blueprintName")),
    initialData: readData(options, "initialData"),
    transitions: requireTransitions(options.path("transitions"), options.get("transitions"), states),
  };
}

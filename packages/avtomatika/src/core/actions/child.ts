import type { Action } from "#core/action";
import { Options } from "#core/actions/options";
import { type KnownStates, requireTransitions, type Target } from "#core/actions/states";
import { readData } from "#core/actions/task";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { requireName } from "#core/names";
import { didYouMean } from "#core/nearest";

/** How a child may end, for its parent. */
const outcomes = ["success", "failure"] as const;

export interface RunBlueprintOptions<States extends string = string> {
  blueprintName: string;
  /** Copied through JSON at the call; default `{}`. */
  initialData?: object | undefined;
  /** An outcome that isn't listed leads to `failed`. */
  transitions: { readonly [Outcome in (typeof outcomes)[number]]?: Target<States> };
}

const known: ReadonlySet<string> = new Set(["blueprintName", "initialData", "transitions"]);

export function readChild(given: unknown, states: KnownStates): Action {
  const options = new Options("runBlueprint", given, known);
  const transitions = requireTransitions(options.path("transitions"), options.get("transitions"), states);
  refuseUnknown(options.path("transitions"), Object.keys(transitions));
  return {
    kind: "child",
    blueprintName: requireName(options.path("blueprintName"), options.get("blueprintName")),
    initialData: readData(options, "initialData"),
    transitions,
  };
}

/** A misspelled outcome would never come, and the right one would lead to `failed`. */
function refuseUnknown(what: string, names: readonly string[]): void {
  for (const name of names) {
    if ((outcomes as readonly string[]).includes(name)) continue;
    const hint = didYouMean(name, outcomes) || `; the outcomes are ${outcomes.join(" and ")}`;
    throw new AvtomatikaError("invalid_argument", `${what}: unknown outcome ${quote(name)}${hint}`);
  }
}

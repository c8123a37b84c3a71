import type { Action } from "#core/action";
import { Options, wrong } from "#core/actions/options";
import { type KnownStates, requireTarget, requireTransitions, type Target } from "#core/actions/states";
import { AvtomatikaError } from "#core/errors";
import { requireName } from "#core/names";

export interface AwaitHumanApprovalOptions<States extends string = string> {
  /** A free label: who or what is to ask. */
  integration: string;
  /** What the person reads. */
  message: string;
  /** Decision to state; at least one. */
  transitions: Readonly<Record<string, Target<States>>>;
  /** How long to wait, in seconds; for ever if omitted. */
  timeoutSeconds?: number | undefined;
  /** Where a timeout leads; without it a timeout fails the job. */
  timeoutState?: Target<States> | undefined;
}

const known: ReadonlySet<string> = new Set(["integration", "message", "transitions", "timeoutSeconds", "timeoutState"]);

export function readApproval(given: unknown, states: KnownStates): Action {
  const options = new Options("awaitHumanApproval", given, known);
  const integration = requireName(options.path("integration"), options.get("integration"));
  const message = options.get("message");
  if (typeof message !== "string") throw wrong(`${options.path("message")} must be a string`, message);
  const transitions = requireTransitions(options.path("transitions"), options.get("transitions"), states);
  if (Object.keys(transitions).length === 0) {
    throw new AvtomatikaError("invalid_argument", `${options.path("transitions")} must have at least one decision`);
  }
  const timeoutMs = options.timeout("timeoutSeconds");
  return { kind: "approval", integration, message, transitions, timeoutMs, timeoutState: readState(options, states) };
}

function readState(options: Options, states: KnownStates): string | null {
  if (!options.isGiven("timeoutState")) return null;
  if (!options.isGiven("timeoutSeconds")) {
    throw new AvtomatikaError("invalid_argument", `${options.path("timeoutState")} needs timeoutSeconds beside it`);
  }
  return requireTarget(options.path("timeoutState"), options.get("timeoutState"), states);
}

import { wrong } from "#core/actions/options";
import type { StateDefinition } from "#core/definition";
import { UnknownStateError } from "#core/errors";
import { didYouMean } from "#core/nearest";
import { isObject, setOwn } from "#core/plain-object";

/** A state of the blueprint, or one of the two that every blueprint has. */
export type Target<States extends string> = States | "finished" | "failed";

/** The states of a blueprint, as far as actions need them. */
export type KnownStates = ReadonlyMap<string, Pick<StateDefinition, "handler" | "conditional" | "aggregator">>;

const always: readonly string[] = ["finished", "failed"];

/**
 * `value` as a state that can be entered. `what` is how messages call it. Throws `UnknownStateError`, also for a
 * state that only a fan-out can lead to.
 */
export function requireTarget(what: string, value: unknown, states: KnownStates): string {
  if (typeof value !== "string") throw wrong(`${what} must be the name of a state`, value);
  const state = states.get(value);
  if (state === undefined) {
    if (always.includes(value)) return value;
    throw unknownState(what, value, [...states.keys(), ...always]);
  }
  if (state.handler === undefined && state.conditional.length === 0 && !always.includes(value)) {
    throw new UnknownStateError(
      `${what} names the state "${value}", which has only an aggregator: dispatchParallel alone leads there`,
    );
  }
  return value;
}

/** `value` as a state that has an aggregator. Throws `UnknownStateError`. */
export function requireAggregator(what: string, value: unknown, states: KnownStates): string {
  if (typeof value !== "string") throw wrong(`${what} must be the name of a state`, value);
  const state = states.get(value);
  if (state === undefined) throw unknownState(what, value, states.keys());
  if (state.aggregator !== undefined) return value;
  throw new UnknownStateError(`${what} names the state "${value}", which has no aggregator: add aggregatorFor`);
}

/** `value` as a map of statuses to states that can be entered. It may be empty. */
export function requireTransitions(what: string, value: unknown, states: KnownStates): Record<string, string> {
  if (!isObject(value)) throw wrong(`${what} must be an object that maps statuses to states`, value);
  const transitions: Record<string, string> = {};
  for (const key of Object.keys(value)) setOwn(transitions, key, requireTarget(`${what}.${key}`, value[key], states));
  return transitions;
}

function unknownState(what: string, name: string, known: Iterable<string>): UnknownStateError {
  const names = [...known];
  const hint = didYouMean(name, names) || `; the states are ${names.slice(0, 20).join(", ")}`;
  return new UnknownStateError(`${what} names the unknown state "${name}"${hint}`);
}

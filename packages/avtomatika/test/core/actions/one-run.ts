import { expect } from "vitest";
import type { Action } from "#core/action";
import { type ActionScope, createActions } from "#core/actions";
import type { KnownStates } from "#core/actions/states";
import { AvtomatikaError } from "#core/errors";

export const handler = () => undefined;
const states: KnownStates = new Map([
  ["start", { handler, conditional: [], aggregator: undefined }],
  ["end", { handler, conditional: [], aggregator: undefined }],
  [
    "choice",
    {
      handler: undefined,
      conditional: [{ condition: { text: "x", matches: () => true }, handler }],
      aggregator: undefined,
    },
  ],
  ["collect", { handler: undefined, conditional: [], aggregator: handler }],
  ["both", { handler, conditional: [], aggregator: handler }],
]);

/** The actions of one run in a blueprint that has a state of every sort. */
export function begin(scope: Partial<ActionScope> = {}) {
  const choice = createActions({ currentState: "start", states, ...scope });
  // Calls as JavaScript may make them.
  return { ...choice, call: choice.actions as unknown as Record<string, (...args: unknown[]) => undefined> };
}

/** What one call chooses. */
export function chosen(name: string, ...args: unknown[]): Action | null {
  const run = begin();
  expect(run.call[name]?.(...args)).toBeUndefined();
  return run.chosen();
}

/** The message of one call that must fail, after which nothing is chosen. */
export function refused(name: string, ...args: unknown[]): string {
  const run = begin();
  try {
    run.call[name]?.(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(AvtomatikaError);
    expect(run.chosen()).toBeNull();
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

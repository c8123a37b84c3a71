import type { Target } from "#core/actions/states";
import type { HandlerContext } from "#core/context";
import type { StandardSchema } from "#core/definition";

/** The options of `new StateMachineBlueprint`. */
export interface BlueprintOptions<InitialData, States extends string> {
  /** 1 to 128 characters, unique among the blueprints of an engine. */
  name: string;
  /** The path that creates jobs, with or without leading slash; without it the blueprint has no route. */
  apiEndpoint?: string | undefined;
  /** The segment before the path, like `"v1"`; none by default. */
  apiVersion?: string | undefined;
  /** What handlers find as `dataStores`, by name. */
  dataStores?: Readonly<Record<string, unknown>> | undefined;
  /** Any Standard Schema: what doesn't fulfil it is refused at creation. Its output types `initialData`. */
  inputSchema?: StandardSchema<unknown, InitialData> | undefined;
  /** All states but the built-in ends: makes a misspelled state a compile-time error everywhere. */
  states?: readonly States[] | undefined;
  /** How many states a job may enter before it fails; 10,000 by default. */
  maxTransitions?: number | undefined;
}

export interface WhenOptions<States extends string> {
  /** States the handler leads to, where that can't be read from its source. */
  transitions?: readonly Target<States>[] | undefined;
}

/** `isStart`, `isEnd` and `outcome` belong to the state, wherever they are given. */
export interface StateOptions<States extends string> extends WhenOptions<States> {
  isStart?: boolean | undefined;
  isEnd?: boolean | undefined;
  /** Of an end state; `"success"` by default, but `"failure"` if it is named `failed` or `error`. */
  outcome?: "success" | "failure" | undefined;
}

/** What a predicate of `when` sees: the handler's context without `actions` and `once`. */
export type ConditionContext<InitialData, StateData, States extends string> = {
  [K in keyof HandlerContext<InitialData, StateData, States> as K extends "actions" | "once"
    ? never
    : K]: HandlerContext<InitialData, StateData, States>[K];
};

/** A CEL text, or a synchronous function. */
export type WhenCondition<InitialData, StateData, States extends string> =
  | string
  | ((context: ConditionContext<InitialData, StateData, States>) => boolean);

/** A handler, sync or async. What it returns counts in an end state only. */
export type StateHandler<InitialData, StateData, States extends string> = (
  context: HandlerContext<InitialData, StateData, States>,
) => unknown;

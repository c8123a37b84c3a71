import type { HandlerContext } from "#core/context";

/** What a handler is to the engine: a function of one argument, sync or async. */
export type AnyHandler = (context: HandlerContext<any, any>) => unknown;

/** A condition of `when`, compiled. */
export interface Condition {
  /** As the author wrote it, for messages and the graph. */
  readonly text: string;
  /** True if it matches. Throws when it can't be decided; a missing field is false. */
  matches(context: ConditionView): boolean;
}

/** What conditions may look at. */
export interface ConditionView {
  readonly initialData: Record<string, unknown>;
  readonly stateHistory: Record<string, unknown>;
  readonly [key: string]: unknown;
}

/** One state, as the engine needs it. */
export interface StateDefinition {
  readonly name: string;
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /** Of an end state. */
  readonly outcome: "success" | "failure";
  /** The default handler, tried last. */
  readonly handler: AnyHandler | undefined;
  /** In the order of registration. */
  readonly conditional: readonly { readonly condition: Condition; readonly handler: AnyHandler }[];
  readonly aggregator: AnyHandler | undefined;
}

/** A validated blueprint, as the engine needs it. */
export interface BlueprintDefinition {
  readonly name: string;
  readonly apiVersion: string | null;
  /** Without a leading slash; null for a blueprint that has no route. */
  readonly apiEndpoint: string | null;
  readonly startState: string;
  readonly states: ReadonlyMap<string, StateDefinition>;
  readonly maxTransitions: number;
  readonly dataStores: Readonly<Record<string, unknown>>;
  readonly inputSchema: StandardSchema | undefined;
}

/** The part of Standard Schema and Standard JSON Schema (https://standardschema.dev, version 1) that is used here. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** What it accepts as JSON Schema, where it can say so. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: "draft-2020-12" }) => object } | undefined;
  };
}
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

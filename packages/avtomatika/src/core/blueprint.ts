import type { Target } from "#core/actions/states";
import { type CheckedOptions, checkOptions } from "#core/blueprint/check-options";
import { checkStates } from "#core/blueprint/check-states";
import { hasHandler, isEnd, outcomeOf } from "#core/blueprint/ends";
import { findRoutes } from "#core/blueprint/routes";
import type {
  BlueprintOptions,
  StateHandler,
  StateOptions,
  WhenCondition,
  WhenOptions,
} from "#core/blueprint/signatures";
import { type StateDraft, StateDrafts } from "#core/blueprint/state-drafts";
import type { BlueprintDefinition, StateDefinition } from "#core/definition";
import { describe, quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { drawGraph, type Graph } from "#core/graph";
import { isName } from "#core/names";
import { renderSvg } from "#core/render-svg";

/** `handlerFor` without handler: waits for its condition. */
export interface Conditional<InitialData, StateData, States extends string> {
  /** A handler that runs if the condition holds and none before it did. */
  when(
    condition: WhenCondition<InitialData, StateData, States>,
    handler: StateHandler<InitialData, StateData, States>,
  ): StateMachineBlueprint<InitialData, StateData, States>;
  when(
    condition: WhenCondition<InitialData, StateData, States>,
    options: WhenOptions<States>,
    handler: StateHandler<InitialData, StateData, States>,
  ): StateMachineBlueprint<InitialData, StateData, States>;
}

/**
 * The plan of a job: its states, and what runs in each. Wrong calls are not refused one by one: `validate()`, which
 * `registerBlueprint` calls, tells all of them at once.
 */
export class StateMachineBlueprint<
  InitialData = Record<string, any>,
  StateData = Record<string, any>,
  const States extends string = string,
> {
  readonly name: string;
  readonly #options: CheckedOptions;
  readonly #optionProblems: string[] = [];
  readonly #drafts = new StateDrafts();
  readonly #stores: (readonly [string, unknown])[];
  #defined: BlueprintDefinition | undefined;

  constructor(options: BlueprintOptions<InitialData, States>) {
    this.#options = checkOptions(options, this.#optionProblems);
    this.name = this.#options.name;
    this.#stores = this.#options.dataStores;
  }

  /** The default handler of a state: runs on every entry for which no condition holds. */
  handlerFor(state: Target<States>, handler: StateHandler<InitialData, StateData, States>): this;
  handlerFor(
    state: Target<States>,
    options: StateOptions<States>,
    handler: StateHandler<InitialData, StateData, States>,
  ): this;
  /** A conditional handler: `.when(condition, handler)` must follow. */
  handlerFor(state: Target<States>, options?: StateOptions<States>): Conditional<InitialData, StateData, States>;
  handlerFor(state: string, ...rest: unknown[]): this | Conditional<InitialData, StateData, States> {
    this.#refuseIfDefined("handlerFor");
    const draft = this.#drafts.open("handlerFor", state);
    const [options, handler] = splitOptions(rest);
    if (rest.length > 1 || handler !== undefined) {
      if (draft) this.#drafts.add(draft, draft.handlers, options, handler);
      return this;
    }
    return this.#conditional(draft, options);
  }

  /** The handler that runs when a fan-out which names `state` has joined. */
  aggregatorFor(state: Target<States>, handler: StateHandler<InitialData, StateData, States>): this;
  aggregatorFor(
    state: Target<States>,
    options: StateOptions<States>,
    handler: StateHandler<InitialData, StateData, States>,
  ): this;
  aggregatorFor(state: string, ...rest: unknown[]): this {
    this.#refuseIfDefined("aggregatorFor");
    const draft = this.#drafts.open("aggregatorFor", state);
    const [options, handler] = splitOptions(rest);
    if (draft) this.#drafts.add(draft, draft.aggregators, options, handler);
    return this;
  }

  /** Makes `dataStores.name` available in handlers. */
  addDataStore(name: string, store: unknown): this {
    this.#refuseIfDefined("addDataStore");
    if (isName(name)) this.#stores.push([name, store]);
    else
      this.#optionProblems.push(
        `addDataStore: the name of a store is a text of 1 to 128 characters, got ${describe(name)}`,
      );
    return this;
  }

  /**
   * Checks everything. What might be wrong is returned as `warnings`.
   * @throws AvtomatikaError `invalid_blueprint`; its `details` are all problems, one by one
   */
  validate(): { warnings: string[] } {
    const { problems, warnings } = checkStates(this.#drafts.states, this.#options.states);
    const all = [...this.#optionProblems, ...this.#duplicateStores(), ...this.#drafts.problems, ...problems];
    if (all.length === 0) return { warnings };
    const count = all.length === 1 ? "a problem" : `${all.length} problems`;
    const message = `blueprint ${quote(this.name)} has ${count}:\n${all.map((problem) => `- ${problem}`).join("\n")}`;
    throw new AvtomatikaError("invalid_blueprint", message, { details: all });
  }

  /** The graph of the states in Graphviz' language DOT, also of a blueprint with problems. */
  toDot(): string {
    return drawGraph(this.#graph());
  }

  /** The graph as text: DOT, or an SVG drawing. Takes a second for hundreds of states; very tangled ones lose their labels. */
  async renderGraph({ format }: { format: "dot" | "svg" }): Promise<string> {
    if (format === "dot") return this.toDot();
    if (format === "svg") return renderSvg(this.toDot(), drawGraph(this.#graph(), { labels: false }));
    throw new AvtomatikaError("invalid_argument", `format is "dot" or "svg", got ${describe(format)}`);
  }

  /** For the engine, see `defineBlueprint`: the checked plan. From here on the blueprint can't be changed, and the answer stays the same. */
  define(): BlueprintDefinition {
    this.#defined ??= this.#freeze();
    return this.#defined;
  }

  #conditional(draft: StateDraft | undefined, options: unknown): Conditional<InitialData, StateData, States> {
    const declared = draft && this.#drafts.readOptions(draft, options);
    if (draft) draft.open++;
    let waits = true;
    const when = (condition: unknown, ...rest: unknown[]): this => {
      this.#refuseIfDefined("when");
      const [whenOptions, handler] = splitOptions(rest);
      if (draft) this.#drafts.addConditional(draft, condition, whenOptions, handler, declared);
      if (draft && waits) draft.open--;
      waits = false;
      return this;
    };
    return { when };
  }

  #duplicateStores(): string[] {
    const names = this.#stores.map(([name]) => name);
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    return [...twice].map((name) => `data store ${quote(name)} is given more than once: keep one`);
  }

  #refuseIfDefined(call: string): void {
    if (!this.#defined) return;
    const message = `blueprint ${quote(this.name)} is registered already: call ${call} before registerBlueprint`;
    throw new AvtomatikaError("invalid_blueprint", message);
  }

  #graph(): Graph {
    const states = [...this.#drafts.states.values()];
    const nodes = states.map((state) => ({
      name: state.name,
      isStart: state.isStart === true,
      end: isEnd(state) ? outcomeOf(state) : null,
      onlyAggregates: state.aggregators.length > 0 && !hasHandler(state),
    }));
    return { name: this.name, nodes, ...findRoutes(states) };
  }

  #freeze(): BlueprintDefinition {
    this.validate();
    const { name, apiVersion, apiEndpoint, maxTransitions, inputSchema } = this.#options;
    const states = [...this.#drafts.states.values()];
    return Object.freeze({
      name,
      apiVersion,
      apiEndpoint,
      startState: states.find((state) => state.isStart)?.name as string,
      states: new Map(states.map((state) => [state.name, freezeState(state)])),
      maxTransitions,
      dataStores: Object.freeze(Object.fromEntries(this.#stores)),
      inputSchema,
    });
  }
}

/** The checked, frozen plan of a blueprint. Throws like `validate()`. */
export function defineBlueprint(blueprint: StateMachineBlueprint<any, any, any>): BlueprintDefinition {
  return blueprint.define();
}

function splitOptions(rest: readonly unknown[]): [options: unknown, handler: unknown] {
  return rest.length === 1 && typeof rest[0] === "function" ? [undefined, rest[0]] : [rest[0], rest[1]];
}

function freezeState(state: StateDraft): StateDefinition {
  return Object.freeze({
    name: state.name,
    isStart: state.isStart === true,
    isEnd: isEnd(state),
    outcome: outcomeOf(state),
    handler: state.handlers[0]?.handler,
    conditional: Object.freeze(
      state.conditional.map(({ condition, handler }) => Object.freeze({ condition, handler })),
    ),
    aggregator: state.aggregators[0]?.handler,
  });
}

import { compileCondition } from "#core/condition";
import type { AnyHandler, Condition } from "#core/definition";
import { describe, quote } from "#core/describe";
import { isName, maxNameLength } from "#core/names";
import { didYouMean } from "#core/nearest";

/** A handler as it was registered. */
export interface HandlerDraft {
  handler: AnyHandler;
  /** The states it was declared to lead to; undefined if only its source says so. */
  declared: readonly string[] | undefined;
}

export interface ConditionalDraft extends HandlerDraft {
  condition: Condition;
}

/** A state as the calls of `handlerFor`, `when` and `aggregatorFor` made it. */
export interface StateDraft {
  name: string;
  isStart: boolean | undefined;
  isEnd: boolean | undefined;
  outcome: "success" | "failure" | undefined;
  /** More than one is a problem. */
  handlers: HandlerDraft[];
  conditional: ConditionalDraft[];
  aggregators: HandlerDraft[];
  /** Calls of `handlerFor` without handler that wait for their `when`. */
  open: number;
}

const stateOptions = ["isStart", "isEnd", "outcome", "transitions"];
const whenOptions = ["transitions"];

/** The states of a blueprint while it is written. Wrong calls are collected, so that all are told at once. */
export class StateDrafts {
  readonly states = new Map<string, StateDraft>();
  readonly problems: string[] = [];

  /** The draft of a state; undefined, with a problem, if that is no name. */
  open(call: string, name: unknown): StateDraft | undefined {
    if (!isName(name)) {
      this.problems.push(
        `${call}: a state's name is a text of 1 to ${maxNameLength} characters, got ${describe(name)}`,
      );
      return undefined;
    }
    const known = this.states.get(name);
    if (known) return known;
    const state: StateDraft = {
      name,
      isStart: undefined,
      isEnd: undefined,
      outcome: undefined,
      handlers: [],
      conditional: [],
      aggregators: [],
      open: 0,
    };
    this.states.set(name, state);
    return state;
  }

  /** Adds a handler or an aggregator. */
  add(state: StateDraft, list: HandlerDraft[], options: unknown, handler: unknown): void {
    const declared = this.readOptions(state, options, stateOptions);
    if (this.#isHandler(state, handler)) list.push({ handler, declared });
  }

  /** `inherited`: what the `handlerFor` before it declared. */
  addConditional(
    state: StateDraft,
    condition: unknown,
    options: unknown,
    handler: unknown,
    inherited: readonly string[] | undefined,
  ): void {
    const own = this.readOptions(state, options, whenOptions);
    const declared = own || inherited ? [...(inherited ?? []), ...(own ?? [])] : undefined;
    const compiled = compileCondition(condition);
    if (compiled.problem !== undefined) this.#report(state, compiled.problem);
    if (this.#isHandler(state, handler) && compiled.condition) {
      state.conditional.push({ condition: compiled.condition, handler, declared });
    }
  }

  /** Takes over what the options say about the state; the transitions they declare are returned. */
  readOptions(state: StateDraft, options: unknown, known = stateOptions): readonly string[] | undefined {
    if (options === undefined) return undefined;
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      this.#report(state, `options are an object, got ${describe(options)}`);
      return undefined;
    }
    for (const name of Object.keys(options)) {
      if (!known.includes(name)) this.#report(state, `unknown option "${name}"${didYouMean(name, known)}`);
    }
    const { isStart, isEnd, outcome, transitions } = options as Record<string, unknown>;
    this.#agree(state, "isStart", isStart, [true, false]);
    this.#agree(state, "isEnd", isEnd, [true, false]);
    this.#agree(state, "outcome", outcome, ["success", "failure"]);
    return this.#readDeclared(state, transitions);
  }

  #agree(
    state: StateDraft,
    option: "isStart" | "isEnd" | "outcome",
    value: unknown,
    allowed: readonly unknown[],
  ): void {
    if (value === undefined) return;
    if (!allowed.includes(value)) {
      this.#report(
        state,
        `${option} is ${allowed.map((one) => JSON.stringify(one)).join(" or ")}, got ${describe(value)}`,
      );
    } else if (state[option] !== undefined && state[option] !== value) {
      this.#report(
        state,
        `${option} is given as ${state[option]} and as ${value}; it belongs to the state, so say it once`,
      );
    } else {
      Object.assign(state, { [option]: value });
    }
  }

  #readDeclared(state: StateDraft, transitions: unknown): readonly string[] | undefined {
    if (transitions === undefined) return undefined;
    if (Array.isArray(transitions) && transitions.every(isName)) return [...transitions];
    this.#report(state, `transitions is a list of the names of states, got ${describe(transitions)}`);
    return undefined;
  }

  #isHandler(state: StateDraft, handler: unknown): handler is AnyHandler {
    if (typeof handler === "function") return true;
    this.#report(state, `a handler is a function, got ${describe(handler)}`);
    return false;
  }

  #report(state: StateDraft, problem: string): void {
    this.problems.push(`state ${quote(state.name)}: ${problem}`);
  }
}

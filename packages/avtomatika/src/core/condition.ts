import { cel, type ParseResult } from "#core/condition/cel";
import { guardCondition, type Reads, Refusal } from "#core/condition/guard";
import { explainSyntax } from "#core/condition/hint";
import { project } from "#core/condition/project";
import type { Condition, ConditionView } from "#core/definition";

/** A condition could not be decided: the engine counts it as no match. The `cause` is what was thrown. */
export class ConditionError extends Error {
  constructor(condition: string, reason: string, cause?: unknown) {
    super(`condition "${condition}" could not be decided: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = "ConditionError";
  }
}

/** The longest condition text, in characters. */
export const maxConditionLength = 2000;

type Compiled = { condition: Condition; problem?: undefined } | { condition?: undefined; problem: string };
type Predicate = (view: ConditionView) => unknown;

/** Compiles a CEL text or a synchronous predicate, or says what is wrong with it and how to put it right. */
export function compileCondition(source: unknown): Compiled {
  if (typeof source === "string") return compileText(source);
  if (typeof source === "function") return compilePredicate(source as Predicate);
  return { problem: `a condition is a text or a function, not ${source === null ? "null" : typeof source}` };
}

function compileText(text: string): Compiled {
  if (text.trim() === "") return { problem: "the condition is empty" };
  if (text.length > maxConditionLength) {
    return { problem: `the condition is longer than ${maxConditionLength} characters; use a predicate function` };
  }
  try {
    const parsed = parse(text);
    const reads = guardCondition(parsed.ast);
    checkType(parsed);
    return { condition: { text, matches: (view) => decide(text, parsed, reads, view) } };
  } catch (error) {
    return { problem: `condition "${text}": ${summary(error)}` };
  }
}

function parse(text: string): ParseResult {
  try {
    return cel.parse(text);
  } catch (error) {
    throw new Refusal(explainSyntax(text, summary(error)));
  }
}

function checkType(parsed: ParseResult): void {
  const { error, type } = parsed.check();
  if (error) throw error;
  if (type !== "bool" && type !== "dyn")
    throw new Refusal(`its value is of type ${type}, not true or false; compare it with ==`);
}

function decide(text: string, parsed: ParseResult, reads: Reads, view: ConditionView): boolean {
  let value: unknown;
  try {
    const { initialData, stateHistory } = view;
    const data = { initialData, stateHistory, initial_data: initialData, state_history: stateHistory };
    value = parsed({ context: project(data, reads) });
  } catch (error) {
    if (missingField.has((error as { code?: unknown }).code)) return false;
    throw new ConditionError(text, summary(error), error);
  }
  if (typeof value !== "boolean") throw new ConditionError(text, "its value is neither true nor false");
  return value;
}

const missingField = new Set<unknown>(["no_such_key", "index_out_of_bounds"]);

/** The library's errors carry a picture of the source in their message, and the bare sentence as `summary`. */
function summary(error: unknown): string {
  const { summary, message } = error as { summary?: unknown; message: string };
  return typeof summary === "string" ? summary : message;
}

function compilePredicate(predicate: Predicate): Compiled {
  const text = `function ${predicate.name}`.trimEnd();
  if (notSynchronous.has(Object.prototype.toString.call(predicate))) {
    return {
      problem: `condition "${text}": a predicate must be synchronous; await in a state before, and keep the answer in stateHistory`,
    };
  }
  return { condition: { text, matches: (view) => ask(text, predicate, view) } };
}

const notSynchronous = new Set(
  ["AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"].map((kind) => `[object ${kind}]`),
);

function ask(text: string, predicate: Predicate, view: ConditionView): boolean {
  let answer: unknown;
  try {
    answer = predicate(view);
    if (!isThenable(answer)) return Boolean(answer);
  } catch (error) {
    throw new ConditionError(
      text,
      error instanceof Error ? error.message : "it threw something that is no Error",
      error,
    );
  }
  // Nobody else will ever look at it: without a listener its rejection would end the process.
  Promise.resolve(answer).catch(() => {});
  throw new ConditionError(text, "it returned a promise; a predicate must be synchronous");
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

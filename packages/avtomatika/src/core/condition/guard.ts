import type { ASTNode } from "#core/condition/cel";
import { explainWord } from "#core/condition/hint";
import { didYouMean } from "#core/nearest";

/** What a condition reads of its context: the keys below a place, or all of it. */
export type Reads = "all" | Map<string, Reads>;

/** A condition that may not be registered; the message names the fix. */
export class Refusal extends Error {}

const roots = ["initial_data", "state_history", "initialData", "stateHistory"];
const loops = new Set(["all", "exists", "exists_one", "map", "filter"]);
/** Deep enough for any readable condition, and far from the end of the stack in parser, checker and evaluator. */
const maxDepth = 100;

interface Place {
  loopVariables: readonly string[];
  depth: number;
}

/**
 * Walks a parsed condition and says what it reads. Conditions see the job's data and nothing else, and their time
 * grows with the data at most linearly: regular expressions and loops in loops are refused.
 * @throws Refusal
 */
export function guardCondition(ast: ASTNode): Reads {
  const reads = new Map<string, Reads>();
  visit(ast, { loopVariables: [], depth: 0 }, reads);
  return reads;
}

function visit(node: ASTNode, place: Place, reads: Map<string, Reads>): void {
  if (place.depth >= maxDepth) throw new Refusal(`it is nested more than ${maxDepth} deep; use a predicate function`);
  const path = pathOf(node);
  if (path) return addPath(checkPath(path), reads);
  const below = { ...place, depth: place.depth + 1 };
  if (node.op === "id" && !place.loopVariables.includes(node.args)) throw new Refusal(explainWord(node.args));
  if (node.op === "call" || node.op === "rcall") refuseMatches(node.args[0]);
  if (node.op === "rcall" && loops.has(node.args[0])) return visitLoop(node.args, below, reads);
  for (const child of children(node.args)) visit(child, below, reads);
}

function refuseMatches(name: string): void {
  if (name !== "matches") return;
  throw new Refusal("matches() is not allowed, as a pattern can take for ever; use a predicate function");
}

function visitLoop([name, over, parts]: [string, ASTNode, ASTNode[]], place: Place, reads: Map<string, Reads>): void {
  if (place.loopVariables.length > 0)
    throw new Refusal(`${name}() inside a loop is not allowed; use a predicate function`);
  visit(over, place, reads);
  const variable = parts[0];
  if (variable?.op !== "id") throw new Refusal(`${name}() needs a name first, as in .${name}(item, …)`);
  if (variable.args === "context") throw new Refusal(`${name}() can't call its item "context"`);
  for (const part of parts.slice(1)) visit(part, { ...place, loopVariables: [variable.args] }, reads);
}

/** `["initial_data", "a"]` for `context.initial_data.a` or `context["initial_data"].a`; undefined for anything else. */
function pathOf(node: ASTNode): string[] | undefined {
  if (node.op === "id") return node.args === "context" ? [] : undefined;
  if (node.op === ".") return extend(pathOf(node.args[0]), node.args[1]);
  if (node.op === "[]" && node.args[1].op === "value" && typeof node.args[1].args === "string") {
    return extend(pathOf(node.args[0]), node.args[1].args);
  }
  return undefined;
}

function extend(path: string[] | undefined, key: string): string[] | undefined {
  return path && [...path, key];
}

function checkPath(path: string[]): string[] {
  const root = path[0];
  if (root !== undefined && roots.includes(root)) return path;
  const seen = "conditions see context.initial_data and context.state_history only";
  throw new Refusal(root === undefined ? seen : `context.${root} is not visible${didYouMean(root, roots)}; ${seen}`);
}

function addPath(path: readonly string[], reads: Map<string, Reads>): void {
  const [key, ...rest] = path as [string, ...string[]];
  const known = reads.get(key);
  if (rest.length === 0) reads.set(key, "all");
  else if (known === undefined) reads.set(key, branch(rest));
  else if (known !== "all") addPath(rest, known);
}

function branch(path: readonly string[]): Map<string, Reads> {
  const reads = new Map<string, Reads>();
  addPath(path, reads);
  return reads;
}

function children(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(children);
  return typeof args === "object" && args !== null && "op" in args ? [args as ASTNode] : [];
}

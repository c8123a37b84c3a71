import {
  type ClassExpression,
  type ExpressionStatement,
  type MethodDefinition,
  type ObjectExpression,
  type Options,
  parse,
} from "acorn";
import type { AnyNode, FunctionNode } from "#core/source/syntax";

/** The syntax tree of a function's source; undefined if it has none that can be read: native, bound, a class. */
export function parseHandler(handler: (...args: never[]) => unknown): FunctionNode | undefined {
  // An own toString could say anything.
  const source = Function.prototype.toString.call(handler);
  for (const [before, after, inside] of surroundings) {
    for (const sourceType of ["module", "script"] as const) {
      const tree = tryParse(`${before}${source}\n${after}`, { ecmaVersion: "latest", sourceType });
      const found = tree && inside(tree);
      if (found?.type === "ArrowFunctionExpression" || found?.type === "FunctionExpression") return found;
    }
  }
  return undefined;
}

/** A function is an expression; a method is only understood in an object, or, if its name is private, in a class. */
const surroundings: readonly [before: string, after: string, inside: (tree: AnyNode) => AnyNode | null | undefined][] =
  [
    ["(", ")", (tree) => tree],
    ["({", "})", (tree) => firstValue((tree as ObjectExpression).properties)],
    ["(class extends Object {", "})", (tree) => firstValue((tree as ClassExpression).body.body)],
  ];

function firstValue(members: readonly AnyNode[]): AnyNode | null | undefined {
  return (members[0] as Partial<MethodDefinition> | undefined)?.value;
}

function tryParse(source: string, options: Options): AnyNode | undefined {
  try {
    // One pair of parentheses is one statement.
    return (parse(source, options).body[0] as ExpressionStatement).expression;
  } catch {
    return undefined;
  }
}

import { type ASTNode, Environment, type ParseResult } from "@marcbachmann/cel-js";

export type { ASTNode, ParseResult };

const arithmetic = {
  "+": (left: number, right: number) => left + right,
  "-": (left: number, right: number) => left - right,
  "*": (left: number, right: number) => left * right,
  "/": (left: number, right: number) => left / right,
  "%": (left: number, right: number) => left % right,
};

/**
 * CEL with the numbers of JSON. In the language's own rules a JavaScript number is a `double`, which neither adds
 * to an `int` literal nor equals one, so `context.initial_data.n + 1 == 3` would fail; and values of different
 * kinds don't compare, so `context.initial_data.type == 1` would throw where it should be false.
 */
export const cel = createEnvironment();

function createEnvironment(): Environment {
  const environment = new Environment({
    // The guard (guard.ts) decides which names are visible, with better messages.
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1000, maxDepth: 100, maxListElements: 500, maxMapEntries: 100 },
  });
  for (const pair of ["double ? int: double", "int ? double: double"]) {
    for (const [operator, apply] of Object.entries(arithmetic)) {
      environment.registerOperator(pair.replace("?", operator), (left, right) => apply(Number(left), Number(right)));
    }
  }
  environment.registerOperator("double % double: double", (left: number, right: number) => left % right);
  environment.registerOperator("double == int", (left: number, right: bigint) => left >= right && left <= right);
  for (const [left, right] of unequalPairs()) environment.registerOperator(`${left} == ${right}`, () => false);
  return environment;
}

/** The pairs of kinds that never equal each other; the library adds the mirror and `!=` of each by itself. */
function unequalPairs(): [string, string][] {
  const kinds = ["bool", "string", "int", "double", "null", "list", "map"];
  return kinds
    .flatMap((left, index) => kinds.slice(index + 1).map((right): [string, string] => [left, right]))
    .filter(([left, right]) => left !== "int" || right !== "double");
}

import { computed, rest, type Scope, type Source, type Step, type Variable } from "#core/source/scope";
import { type AnyNode, keyName } from "#core/source/syntax";

/** What an expression stands for: the handler's argument, its actions, one of them, something among these, or none. */
export type Meaning = "context" | "actions" | `actions.${string}` | "lost" | "other";

/** What `node` stands for, followed through variables and destructuring. */
export function meaningOf(node: AnyNode, scope: Scope): Meaning {
  switch (node.type) {
    case "Identifier": {
      const variable = scope.lookup(node.name);
      return variable ? meaningOfVariable(variable) : "other";
    }
    case "MemberExpression":
      return step(meaningOf(node.object, scope), keyName(node.property, node.computed) ?? computed);
    case "ChainExpression":
      return meaningOf(node.expression, scope);
    default:
      return "other";
  }
}

/** The action's name, if that is what is meant. */
export function actionName(meaning: Meaning): string | undefined {
  return meaning.startsWith("actions.") ? meaning.slice("actions.".length) : undefined;
}

function meaningOfVariable(variable: Variable): Meaning {
  if (variable.busy) return "other";
  variable.busy = true;
  const meanings = new Set(variable.sources.map(meaningOfSource));
  variable.busy = false;
  const [first = "other"] = meanings;
  return meanings.size > 1 ? "lost" : first;
}

function meaningOfSource({ from, scope, path }: Source): Meaning {
  if (from === "unknown") return "other";
  const start = from === "context" ? from : meaningOf(from, scope);
  return path.reduce<Meaning>(step, start);
}

function step(meaning: Meaning, key: Step): Meaning {
  if (meaning === "other") return "other";
  if (key === computed || meaning === "lost") return "lost";
  if (meaning === "context") {
    if (key === rest) return "context";
    return key === "actions" ? "actions" : "other";
  }
  return meaning === "actions" && key !== rest ? `actions.${key}` : "lost";
}

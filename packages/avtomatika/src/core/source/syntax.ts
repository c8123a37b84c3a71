import type { AnyNode, ArrowFunctionExpression, FunctionExpression } from "acorn";

export type { AnyNode };
export type FunctionNode = ArrowFunctionExpression | FunctionExpression;

/** The nodes right below a node, in the order of the source. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value;
}

/** The name a property or member is known by in the source; undefined if it is computed. */
export function keyName(key: AnyNode, computed: boolean): string | undefined {
  if (!computed && key.type === "Identifier") return key.name;
  return literalText(key);
}

/** The text of a string literal, or of a template literal without expressions. */
export function literalText(node: AnyNode): string | undefined {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis.map(({ value }) => value.cooked).join("");
  return undefined;
}

export function isFunction(node: AnyNode): boolean {
  return /^(Arrow)?Function(Expression|Declaration)$/.test(node.type);
}

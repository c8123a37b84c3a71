import { type AnyNode, childrenOf, type FunctionNode, isFunction, keyName } from "#core/source/syntax";

/** Where a variable's value comes from: an expression, the handler's argument, or a place that can't be followed. */
export interface Source {
  from: AnyNode | "context" | "unknown";
  /** Where the names in `from` are looked up. */
  scope: Scope;
  /** The way from there through destructuring: keys, `rest` for `...name`, `computed` for a key nobody knows. */
  path: readonly Step[];
}
export type Step = string | typeof rest | typeof computed;
export const rest = Symbol("rest");
export const computed = Symbol("computed");

/** A name and everything that is ever assigned to it, whatever the order. */
export interface Variable {
  sources: Source[];
  /** True if a property of its value is set or deleted somewhere. */
  changed: boolean;
  /** True while its value is looked up, as two variables may be assigned to each other. */
  busy: boolean;
}

export class Scope {
  readonly parent: Scope | undefined;
  /** False for a block: `var` passes through it. */
  readonly ofFunction: boolean;
  readonly names = new Map<string, Variable>();

  constructor(parent: Scope | undefined, ofFunction: boolean) {
    this.parent = parent;
    this.ofFunction = ofFunction;
  }

  lookup(name: string): Variable | undefined {
    return this.names.get(name) ?? this.parent?.lookup(name);
  }

  declare(name: string): Variable {
    const variable = this.names.get(name) ?? { sources: [], changed: false, busy: false };
    this.names.set(name, variable);
    return variable;
  }
}

export type Scopes = ReadonlyMap<AnyNode, Scope>;

/** The scopes of a handler: by node, for the nodes that open one. */
export function findScopes(handler: FunctionNode): Scopes {
  const scopes = new Map<AnyNode, Scope>();
  // An assignment may stand before the `var` it belongs to.
  const later: (() => void)[] = [];
  declareAll(handler, new Scope(undefined, true), { handler, scopes, later });
  for (const assign of later) assign();
  return scopes;
}

interface Walk {
  handler: FunctionNode;
  scopes: Map<AnyNode, Scope>;
  later: (() => void)[];
}

function declareAll(node: AnyNode, outer: Scope, walk: Walk): void {
  const scope = opensScope(node) ? new Scope(outer, isFunction(node)) : outer;
  walk.scopes.set(node, scope);
  declareNames(node, scope, outer, walk);
  for (const child of childrenOf(node)) declareAll(child, scope, walk);
}

function opensScope(node: AnyNode): boolean {
  return (
    isFunction(node) ||
    /^(BlockStatement|StaticBlock|SwitchStatement|CatchClause|For(In|Of)?Statement)$/.test(node.type)
  );
}

function declareNames(node: AnyNode, scope: Scope, outer: Scope, walk: Walk): void {
  const unknown: Source = { from: "unknown", scope, path: [] };
  switch (node.type) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      // Only `export default` has declarations without a name.
      bind(node.id as AnyNode, unknown, declareIn(outer));
      break;
    case "CatchClause":
      if (node.param) bind(node.param, unknown, declareIn(scope));
      break;
    case "VariableDeclaration":
      for (const { id, init } of node.declarations) {
        const home = node.kind === "var" ? functionScope(scope) : scope;
        bind(id, init ? { from: init, scope, path: [] } : undefined, declareIn(home));
      }
      break;
    case "ForInStatement":
    case "ForOfStatement":
      walk.later.push(() => bindLoop(node.left, scope));
      break;
    case "AssignmentExpression":
      walk.later.push(() => {
        const source: Source = node.operator === "=" ? { from: node.right, scope, path: [] } : unknown;
        bind(node.left, source, lookupIn(scope));
      });
      break;
    case "UpdateExpression":
      walk.later.push(() => bind(node.argument, unknown, lookupIn(scope)));
      break;
    case "UnaryExpression":
      if (node.operator === "delete") walk.later.push(() => bind(node.argument, unknown, lookupIn(scope)));
      break;
    default:
  }
  if (isFunction(node)) bindParameters(node as FunctionNode, scope, walk.handler);
}

function bindParameters(node: FunctionNode, scope: Scope, handler: FunctionNode): void {
  node.params.forEach((parameter, index) => {
    const from = node === handler && index === 0 ? "context" : "unknown";
    const path: Step[] = parameter.type === "RestElement" ? [computed] : [];
    bind(parameter, { from, scope, path }, declareIn(scope));
  });
}

function bindLoop(left: AnyNode, scope: Scope): void {
  const targets = left.type === "VariableDeclaration" ? left.declarations.map(({ id }) => id) : [left];
  for (const target of targets) bind(target, { from: "unknown", scope, path: [] }, lookupIn(scope));
}

function functionScope(scope: Scope): Scope {
  return scope.ofFunction || !scope.parent ? scope : functionScope(scope.parent);
}

type Find = (name: string) => Variable | undefined;
const declareIn =
  (scope: Scope): Find =>
  (name) =>
    scope.declare(name);
const lookupIn =
  (scope: Scope): Find =>
  (name) =>
    scope.lookup(name);

/** Records what a pattern's names are assigned. Defaults add nothing: what they stand in for isn't known either. */
function bind(pattern: AnyNode, source: Source | undefined, find: Find): void {
  switch (pattern.type) {
    case "Identifier":
      if (source) find(pattern.name)?.sources.push(source);
      else find(pattern.name);
      break;
    case "AssignmentPattern":
      bind(pattern.left, source, find);
      break;
    case "RestElement":
      bind(pattern.argument, source, find);
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element) bind(element, follow(source, computed), find);
      break;
    case "ObjectPattern":
      bindProperties(pattern.properties, source, find);
      break;
    case "MemberExpression":
      markChanged(pattern, find);
      break;
    default:
  }
}

function bindProperties(properties: readonly AnyNode[], source: Source | undefined, find: Find): void {
  const taken = new Set<string>();
  for (const property of properties) {
    if (property.type === "Property") {
      const name = keyName(property.key, property.computed);
      if (name !== undefined) taken.add(name);
      bind(property.value, follow(source, name ?? computed), find);
    } else {
      // What is left without `actions` is plain data: it may be handed to anybody.
      bind(property, follow(source, taken.has("actions") ? "the rest" : rest), find);
    }
  }
}

function follow(source: Source | undefined, step: Step): Source | undefined {
  return source && { ...source, path: [...source.path, step] };
}

function markChanged(node: AnyNode, find: Find): void {
  if (node.type === "MemberExpression") return markChanged(node.object, find);
  const variable = node.type === "Identifier" ? find(node.name) : undefined;
  if (variable) variable.changed = true;
}

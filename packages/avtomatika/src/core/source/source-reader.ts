import { actionName, type Meaning, meaningOf } from "#core/source/meaning";
import { type Edge, readAction } from "#core/source/read-action";
import { findScopes, type Scope, type Scopes } from "#core/source/scope";
import { type AnyNode, childrenOf, type FunctionNode, isFunction } from "#core/source/syntax";

type MaybeNode = AnyNode | null | undefined;

/** Walks what a handler evaluates, and collects its actions and the places where they get out of sight. */
export class SourceReader {
  readonly edges: Edge[] = [];
  gap: string | undefined;
  acts = false;
  readonly #scopes: Scopes;

  constructor(handler: FunctionNode) {
    this.#scopes = findScopes(handler);
  }

  visit(node: AnyNode): void {
    switch (node.type) {
      case "CallExpression":
        return this.#visitCall(node.callee, node.arguments);
      case "Identifier":
        return this.#visitName(node.name, this.#meaningOf(node));
      case "MemberExpression":
        return this.#visitMember(node.object, node.computed ? node.property : null, this.#meaningOf(node));
      case "VariableDeclarator":
        return this.#visitAssignment(node.id, node.init);
      case "AssignmentExpression":
        return this.#visitAssignment(node.left, node.right);
      case "ForInStatement":
      case "ForOfStatement":
        this.#visitPattern(node.left);
        return this.#visitAll(node.right, node.body);
      case "CatchClause":
        this.#visitPattern(node.param);
        return this.visit(node.body);
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        return this.#visitAll(node.computed ? node.key : null, node.value);
      case "LabeledStatement":
        return this.visit(node.body);
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
        return;
      default:
        return isFunction(node) ? this.#visitFunction(node as FunctionNode) : this.#visitAll(...childrenOf(node));
    }
  }

  #visitAll(...nodes: MaybeNode[]): void {
    for (const node of nodes) if (node) this.visit(node);
  }

  #visitFunction(node: FunctionNode): void {
    for (const parameter of node.params) this.#visitPattern(parameter);
    this.visit(node.body);
  }

  #visitCall(callee: AnyNode, args: readonly AnyNode[]): void {
    const name = actionName(this.#meaningOf(callee));
    if (name === undefined) this.visit(callee);
    else {
      this.acts = true;
      const { edges, gap } = readAction(
        name,
        args.map((node) => ({ node, scope: this.#scopeOf(node) })),
      );
      this.edges.push(...edges);
      if (gap !== undefined) this.#lose(gap);
    }
    this.#visitAll(...args);
  }

  /** A name that is evaluated as a value: the actions leave the part of the source that is followed. */
  #visitName(name: string, meaning: Meaning): void {
    if (meaning !== "other") return this.#visitValue(name, meaning);
    if (name === "arguments" || name === "eval") this.#lose(`it uses ${name}`);
  }

  #visitMember(object: AnyNode, key: MaybeNode, meaning: Meaning): void {
    if (meaning !== "other") this.#visitValue("actions", meaning);
    // A plain field of the context is no way to its actions.
    else if (this.#meaningOf(object) === "other") this.visit(object);
    this.#visitAll(key);
  }

  #visitValue(name: string, meaning: Meaning): void {
    const action = actionName(meaning);
    // These two lead to no state, so `promise.then(actions.finish)` hides nothing.
    if (action === "finish" || action === "fail") this.acts = true;
    else this.#lose(`it hands on ${action === undefined ? name : `actions.${action}`}`);
  }

  #visitAssignment(target: AnyNode, value: MaybeNode): void {
    this.#visitPattern(target);
    // A variable that takes the actions is followed by its name; any other place is out of sight.
    const followed = value && target.type !== "MemberExpression" && this.#meaningOf(value) !== "other";
    if (!followed) this.#visitAll(value);
  }

  /** The parts of an assignment's target that are evaluated: keys, defaults, the objects of members. */
  #visitPattern(node: MaybeNode): void {
    switch (node?.type) {
      case "ObjectPattern":
        for (const property of node.properties) this.#visitPattern(property);
        break;
      case "Property":
        if (node.computed) this.visit(node.key);
        this.#visitPattern(node.value);
        break;
      case "AssignmentPattern":
        this.#visitPattern(node.left);
        this.visit(node.right);
        break;
      case "ArrayPattern":
        for (const element of node.elements) this.#visitPattern(element);
        break;
      case "RestElement":
        this.#visitPattern(node.argument);
        break;
      case "VariableDeclaration":
        for (const { id } of node.declarations) this.#visitPattern(id);
        break;
      case "MemberExpression":
        this.visit(node);
        break;
      default:
    }
  }

  #meaningOf(node: AnyNode): Meaning {
    return meaningOf(node, this.#scopeOf(node));
  }

  #scopeOf(node: AnyNode): Scope {
    return this.#scopes.get(node) as Scope;
  }

  #lose(reason: string): void {
    this.gap ??= reason;
  }
}

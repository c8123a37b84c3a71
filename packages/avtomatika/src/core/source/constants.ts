import type { Scope } from "#core/source/scope";
import { type AnyNode, keyName, literalText } from "#core/source/syntax";

/** An expression and where its names are looked up. */
export interface Place {
  node: AnyNode;
  scope: Scope;
}

/** A property of an object literal; `name` is null if it is computed. */
export interface KnownProperty {
  name: string | null;
  value: Place;
}

/** Every text the expression can be; none for `undefined` and `null`. Undefined if that can't be known. */
export function textsOf(place: Place): string[] | undefined {
  return collect(alternatives(place), ({ node, scope }) => {
    const text = literalText(node);
    if (text !== undefined) return [text];
    if (node.type !== "MemberExpression") return isNothing(node) ? [] : undefined;
    const key = keyName(node.property, node.computed);
    const properties = propertiesOf({ node: node.object, scope });
    return properties && collect(valuesOf(properties, key), textsOf);
  });
}

/** The properties of every object literal the expression can be, spreads included. Undefined if that can't be known. */
export function propertiesOf(place: Place): KnownProperty[] | undefined {
  return collect(alternatives(place), ({ node, scope }) => {
    if (node.type !== "ObjectExpression") return isNothing(node) ? [] : undefined;
    return collect(node.properties, (property) => {
      if (property.type === "SpreadElement") return propertiesOf({ node: property.argument, scope });
      return [{ name: keyName(property.key, property.computed) ?? null, value: { node: property.value, scope } }];
    });
  });
}

/** What the property `key` can be; with a key that isn't known it can be any of them. */
export function valuesOf(properties: readonly KnownProperty[], key: string | undefined): Place[] {
  return properties.filter(({ name }) => key === undefined || name === null || name === key).map(({ value }) => value);
}

/** All results in one list; undefined as soon as one is. */
function collect<From, To>(items: readonly From[], read: (item: From) => To[] | undefined): To[] | undefined {
  const all: To[] = [];
  for (const item of items) {
    const found = read(item);
    if (!found) return undefined;
    all.push(...found);
  }
  return all;
}

/** The expressions whose value this one takes: the branches of a choice, what a variable is assigned. */
function alternatives({ node, scope }: Place): Place[] {
  switch (node.type) {
    case "ConditionalExpression":
      return [node.consequent, node.alternate].flatMap((branch) => alternatives({ node: branch, scope }));
    case "LogicalExpression":
      // The left side of && is only the value when it is falsy, and then no name.
      return (node.operator === "&&" ? [node.right] : [node.left, node.right]).flatMap((side) =>
        alternatives({ node: side, scope }),
      );
    case "Identifier":
      return assigned(node.name, scope) ?? [{ node, scope }];
    default:
      return [{ node, scope }];
  }
}

function assigned(name: string, scope: Scope): Place[] | undefined {
  const variable = scope.lookup(name);
  if (!variable || variable.busy || variable.changed) return undefined;
  variable.busy = true;
  const places = collect(variable.sources, (source) => {
    const known = typeof source.from === "object" && source.path.length === 0;
    return known ? alternatives({ node: source.from as AnyNode, scope: source.scope }) : undefined;
  });
  variable.busy = false;
  return places;
}

function isNothing(node: AnyNode): boolean {
  if (node.type === "Literal") return node.value === null;
  return node.type === "Identifier" && node.name === "undefined";
}

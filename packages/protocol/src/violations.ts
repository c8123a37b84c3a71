import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/schema";
import { describe } from "#describe";
import { expectation, type Keywords } from "#expectation";

const most = 20;

/** Compiled when first used, once. */
const validators = new WeakMap<TSchema, Validator>();

/**
 * What is wrong with a value, one message per place, 20 at most; empty if it fulfils the schema. Each message names
 * the field, what was expected and what came: `initial_data: expected an object, got a number (5)`. `root` is what the
 * value itself is called.
 */
export function violations(schema: TSchema, value: unknown, root = "body"): string[] {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  if (validator.Check(value)) return [];
  return explain(schema as Keywords, value, { root, path: "" }).slice(0, most);
}

interface Place {
  root: string;
  /** Empty for the value itself. */
  path: string;
}

/** Walks a value that violates its schema: only the keywords that our schemas use. */
function explain(schema: Keywords, value: unknown, place: Place): string[] {
  if (schema.anyOf !== undefined) return explainBranches(schema, schema.anyOf, value, place);
  if (!hasType(schema, value)) return [message(schema, value, place)];
  if (schema.type === "object") return explainObject(schema, value as Record<string, unknown>, place);
  if (schema.type === "array") return explainArray(schema, value as unknown[], place);
  return isInBounds(schema, value) ? [] : [message(schema, value, place)];
}

/** Of alternatives the one with the value's type is what was meant. */
function explainBranches(schema: Keywords, branches: Keywords[], value: unknown, place: Place): string[] {
  const found = branches.map((branch) => explain(branch, value, place));
  if (found.some((problems) => problems.length === 0)) return [];
  const meant = branches.filter((branch) => branch.const === undefined && hasType(branch, value));
  const problems = meant.length === 1 ? found[branches.indexOf(meant[0] as Keywords)] : undefined;
  return problems ?? [message(schema, value, place)];
}

function explainObject(schema: Keywords, value: Record<string, unknown>, place: Place): string[] {
  const required = schema.required ?? [];
  const known = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const there = { ...place, path: place.path === "" ? key : `${place.path}.${key}` };
    if (Object.hasOwn(value, key)) return explain(property, value[key], there);
    return required.includes(key) ? [message(property, undefined, there)] : [];
  });
  if (schema.additionalProperties === false) {
    const odd = Object.keys(value).filter((key) => !Object.hasOwn(schema.properties ?? {}, key));
    known.push(
      ...odd.map((key) => `${place.path === "" ? place.root : place.path}: has no key ${JSON.stringify(key)}`),
    );
  }
  const [every] = Object.values(schema.patternProperties ?? {});
  if (every === undefined) return known;
  return Object.entries(value).flatMap(([key, item]) =>
    explain(every, item, { ...place, path: `${place.path}[${JSON.stringify(key)}]` }),
  );
}

function explainArray(schema: Keywords, value: unknown[], place: Place): string[] {
  const { items } = schema;
  if (!isBetween(value.length, schema.minItems, schema.maxItems)) return [message(schema, value, place)];
  if (items === undefined) return [];
  const found: string[] = [];
  for (let index = 0; index < value.length && found.length < most; index++) {
    found.push(...explain(items, value[index], { ...place, path: `${place.path}[${index}]` }));
  }
  return found;
}

function hasType({ type, const: only }: Keywords, value: unknown): boolean {
  if (only !== undefined) return value === only;
  switch (type) {
    case undefined:
      return true;
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isInBounds(schema: Keywords, value: unknown): boolean {
  if (typeof value === "string") {
    if (!isBetween([...value].length, schema.minLength, schema.maxLength)) return false;
    return schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value);
  }
  if (typeof value !== "number") return true;
  return isBetween(value, schema.minimum, schema.maximum) && value > (schema.exclusiveMinimum ?? -Infinity);
}

function isBetween(value: number, least = -Infinity, greatest = Infinity): boolean {
  return value >= least && value <= greatest;
}

function message(schema: Keywords, value: unknown, { root, path }: Place): string {
  return `${path === "" ? root : path}: expected ${expectation(schema)}, got ${describe(value)}`;
}

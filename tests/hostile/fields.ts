// Wrong values for the fields of a schema: from the keywords of JSON Schema that the protocol uses.
import type { TSchema } from "@avtomatika/protocol";

interface Keywords {
  type?: string;
  properties?: Record<string, Keywords>;
  required?: string[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  const?: unknown;
  anyOf?: Keywords[];
}

/** A value for a field, and whether it is one that the documentation allows. */
export interface Trial {
  key: string;
  value: unknown;
  isRight: boolean;
}

const samples: Readonly<Record<string, unknown>> = {
  number: 5,
  string: "text",
  boolean: true,
  array: [[]],
  object: { a: 1 },
};

/** Values of every type that a field doesn't have. */
export function wrongTypes(schema: TSchema): Trial[] {
  return fieldsOf(schema).flatMap(([key, field]) => {
    const types = alternatives(field).map(typeOf);
    if (types.includes("anything")) return [];
    const wrong = Object.entries(samples).filter(([type]) => !types.includes(type));
    return wrong.map(([, value]) => ({ key, value, isRight: false }));
  });
}

export function requiredKeys(schema: TSchema): string[] {
  return objectOf(schema).required ?? [];
}

/** Every bound of every field: the value at it, and the one past it. */
export function boundTrials(schema: TSchema): Trial[] {
  return fieldsOf(schema).flatMap(([key, field]) => alternatives(field).flatMap((each) => trialsOf(key, each)));
}

/** Texts of a query that aren't what a field expects. */
export function wrongTexts(schema: TSchema): Trial[] {
  return fieldsOf(schema).flatMap(([key, field]) => {
    const isNumber = field.type === "number" || field.type === "integer";
    const isWord = alternatives(field).every((each) => each.const !== undefined);
    const texts = isNumber ? ["", "x", "1e3", "0x10", "NaN", "Infinity", "1,5", " 1"] : isWord ? ["", "nonsense"] : [];
    return texts.map((value) => ({ key, value, isRight: false }));
  });
}

export function queryKeys(schema: TSchema): string[] {
  return fieldsOf(schema).map(([key]) => key);
}

function trialsOf(key: string, field: Keywords): Trial[] {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems } = field;
  const trial = (value: unknown, isRight: boolean): Trial => ({ key, value, isRight });
  const trials: Trial[] = [];
  if (minimum !== undefined) trials.push(trial(minimum, true), trial(minimum - 1, false));
  if (maximum !== undefined) trials.push(trial(maximum, true), trial(maximum + 1, false));
  if (exclusiveMinimum !== undefined)
    trials.push(trial(exclusiveMinimum + 0.001, true), trial(exclusiveMinimum, false));
  if (field.type === "integer") trials.push(trial((minimum ?? 0) + 0.5, false));
  if (minLength !== undefined && minLength > 0) trials.push(trial("", false));
  if (maxLength !== undefined) trials.push(trial("x".repeat(maxLength), true), trial("x".repeat(maxLength + 1), false));
  if (minItems !== undefined && minItems > 0) trials.push(trial([], false));
  if (maxItems !== undefined) trials.push(trial(Array(maxItems + 1).fill({}), false));
  return trials;
}

function fieldsOf(schema: TSchema): [string, Keywords][] {
  return Object.entries(objectOf(schema).properties ?? {});
}

/** A body may be missing: then its schema is a choice. */
function objectOf(schema: TSchema): Keywords {
  return alternatives(schema as Keywords).find(({ type }) => type === "object") ?? {};
}

function alternatives(schema: Keywords): Keywords[] {
  return schema.anyOf?.flatMap(alternatives) ?? [schema];
}

function typeOf({ type, const: only }: Keywords): string {
  if (only !== undefined) return typeof only;
  return type === "integer" ? "number" : (type ?? "anything");
}

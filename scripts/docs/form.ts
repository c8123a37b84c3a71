import type { Schema } from "./read-document.ts";

/** Objects that are better told in words than described by themselves. */
export const inWords: Readonly<Record<string, string>> = {
  Creation: "[CreationEnvelope](#creationenvelope) or the initial data",
  NarrowedJobView: "some of its fields",
};

/** What a value looks like, in a few words of Markdown for a cell of a table. `null` is told of answers alone. */
export function formOf(schema: Schema, isAnswer: boolean): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.$ref !== undefined) return link(schema.$ref);
  if (choices !== undefined) return told(choices, isAnswer);
  if (schema.allOf?.[0] !== undefined) return formOf(schema.allOf[0], isAnswer);
  if (schema.enum !== undefined)
    return told(
      schema.enum.map((word) => ({ enum: [word] })),
      isAnswer,
      wordOf,
    );
  if (Array.isArray(schema.type))
    return told(
      schema.type.map((type) => ({ ...schema, type })),
      isAnswer,
    );
  switch (schema.type) {
    case "string":
      if (schema.format === "date-time") return "time";
      return `text${range(" of ", schema.minLength, schema.maxLength, " characters")}`;
    case "integer":
    case "number":
      return numberOf(schema);
    case "array":
      return `list${range(" of ", schema.minItems, schema.maxItems, "")} of ${formOf(schema.items ?? {}, isAnswer)}`;
    case "object":
      return objectOf(schema, isAnswer);
    case undefined:
      return "any JSON";
    default:
      return schema.type;
  }
}

/** Where the object of a reference is described. */
function link(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return inWords[name] ?? `[${name}](#${name.toLowerCase()})`;
}

function told(choices: readonly Schema[], isAnswer: boolean, write = formOf): string {
  const isNull = ({ type, enum: words }: Schema): boolean => type === "null" || words?.[0] === null;
  const words = choices.filter((each) => !isNull(each)).map((each) => write(each, isAnswer));
  if (isAnswer && choices.some(isNull)) words.push("`null`");
  const last = words.pop() ?? "`null`";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

function wordOf(schema: Schema): string {
  return `\`${schema.enum?.[0]}\``;
}

function numberOf({ type, minimum, maximum, exclusiveMinimum }: Schema): string {
  const what = type === "integer" ? "whole number" : "number";
  if (exclusiveMinimum !== undefined) return `${what} above ${exclusiveMinimum}`;
  return `${what}${range(minimum !== undefined && maximum !== undefined ? " from " : ", ", minimum, maximum, "")}`;
}

function objectOf({ properties, additionalProperties, required = [] }: Schema, isAnswer: boolean): string {
  if (properties === undefined) {
    const each = typeof additionalProperties === "object" ? additionalProperties : undefined;
    return each === undefined ? "object" : `object of ${formOf(each, isAnswer)}`;
  }
  const keys = Object.entries(properties).map(([key, property]) => {
    const mark = isAnswer || required.includes(key) ? "" : "?";
    const isSimple = property.type === "string" && property.enum === undefined;
    return `\`${key}\`${mark}${isSimple ? "" : `: ${formOf(property, isAnswer)}`}`;
  });
  return `{${keys.join(", ")}}`;
}

function range(before: string, least: number | undefined, most: number | undefined, after: string): string {
  if (least !== undefined && most !== undefined) return `${before}${least} to ${most}${after}`;
  if (least !== undefined) return least === 0 && after === "" ? "" : `${before}at least ${least}${after}`;
  return most === undefined ? "" : `${before}at most ${most}${after}`;
}

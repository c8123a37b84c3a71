/** The keywords of JSON Schema that our schemas use. */
export interface Keywords {
  type?: "object" | "array" | "string" | "number" | "integer" | "boolean" | "null";
  properties?: Record<string, Keywords>;
  required?: string[];
  patternProperties?: Record<string, Keywords>;
  additionalProperties?: false;
  items?: Keywords;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  const?: string | number | boolean;
  anyOf?: Keywords[];
  /** The words for what the keywords can't say. */
  expected?: string;
}

/** What a schema expects, in words: `a whole number from 1 to 1000`. */
export function expectation(schema: Keywords): string {
  if (schema.expected !== undefined) return schema.expected;
  if (schema.anyOf !== undefined) return oneOf(schema.anyOf);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case "object":
      return "an object";
    case "array":
      return `an array${bounds(" of ", schema.minItems, schema.maxItems, " entries")}`;
    case "string":
      return `a string${bounds(" of ", schema.minLength, schema.maxLength, " characters")}`;
    case "number":
    case "integer":
      return number(schema);
    case "boolean":
      return "true or false";
    default:
      return schema.type ?? "a value";
  }
}

/** `null` stands for absence: it is not what anybody is told to send. */
function oneOf(branches: readonly Keywords[]): string {
  const words = branches.filter(({ type }) => type !== "null").map(expectation);
  const last = words.pop() ?? "null";
  return words.length === 0 ? last : `${words.join(", ")} or ${last}`;
}

function number({ type, minimum, maximum, exclusiveMinimum }: Keywords): string {
  const what = type === "integer" ? "a whole number" : "a number";
  if (exclusiveMinimum !== undefined)
    return `${what} above ${exclusiveMinimum}${bounds(" up to ", undefined, maximum)}`;
  return `${what}${bounds(minimum !== undefined && maximum !== undefined ? " from " : " of ", minimum, maximum)}`;
}

function bounds(before: string, least: number | undefined, most: number | undefined, after = ""): string {
  if (least !== undefined && most !== undefined) return `${before}${least} to ${most}${after}`;
  if (least !== undefined) return `${before}at least ${least}${after}`;
  return most === undefined ? "" : `${before === " up to " ? before : `${before}at most `}${most}${after}`;
}

import type { TSchema } from "@avtomatika/protocol";

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** The schemas of a document: those of the protocol in the words of OpenAPI. What has an `$id` stands here once. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /** The schema as it stands where it is used. */
  write(schema: TSchema): JsonSchema {
    const { $id, ...rest } = schema as JsonSchema;
    if (typeof $id !== "string") return this.#translate(rest);
    this.schemas[$id] ??= this.#translate(rest);
    return reference($id);
  }

  #translate({ expected, patternProperties, properties, required, items, anyOf, ...rest }: JsonSchema): JsonSchema {
    const told = expected !== undefined && rest["description"] === undefined;
    const words: JsonSchema = told ? { ...rest, description: sentence(String(expected)) } : rest;
    if (typeof rest["pattern"] === "string") words["pattern"] = portable(rest["pattern"]);
    if (Array.isArray(anyOf)) return { ...this.#choice(anyOf as JsonSchema[]), ...words };
    // Our records have one pattern, which fits every key.
    const [every] = Object.values((patternProperties ?? {}) as Record<string, TSchema>);
    const known = Object.entries((properties ?? {}) as Record<string, TSchema>);
    return {
      ...words,
      ...(known.length > 0 && { properties: Object.fromEntries(known.map(([key, each]) => [key, this.write(each)])) }),
      ...(Array.isArray(required) && required.length > 0 && { required }),
      ...(every !== undefined && { additionalProperties: this.write(every) }),
      ...(items !== undefined && { items: this.write(items as TSchema) }),
    };
  }

  /** Words are an `enum`, and `null` is a type among others: tools show that better than a choice. */
  #choice(anyOf: readonly JsonSchema[]): JsonSchema {
    const branches = anyOf.flatMap((each) => (isOfWords(each) ? (each["anyOf"] as JsonSchema[]) : [each]));
    const words = branches.filter((branch) => "const" in branch).map((branch) => branch["const"]);
    const others = branches.filter((branch) => !("const" in branch) && branch["type"] !== "null");
    const choices = [
      ...(words.length === 0 ? [] : [{ type: "string", enum: words }]),
      ...others.map((branch) => this.write(branch as TSchema)),
    ];
    const isNullable = branches.some(({ type }) => type === "null");
    const [only] = choices;
    if (choices.length !== 1 || only === undefined) return { anyOf: isNullable ? [...choices, nothing] : choices };
    return isNullable ? orNull(only) : only;
  }
}

const nothing = { type: "null" };

/** Where a named schema stands. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: words } = schema;
  if (typeof type !== "string") return { anyOf: [schema, nothing] };
  return { ...schema, type: [type, "null"], ...(Array.isArray(words) && { enum: [...words, null] }) };
}

function isOfWords({ $id, anyOf }: JsonSchema): boolean {
  return $id === undefined && Array.isArray(anyOf) && anyOf.every((branch) => "const" in branch);
}

/** Without the `u` flag, as many tools read patterns. Lone surrogates, which they can't name, are refused all the same. */
function portable(pattern: string): string {
  return pattern.replaceAll("\\p{Cc}\\p{Cs}", "\\u0000-\\u001f\\u007f-\\u009f");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

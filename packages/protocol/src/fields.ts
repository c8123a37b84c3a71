import Type, { type TProperties, type TSchema } from "typebox";

/** A JSON object with any keys. */
export const anyObject = Type.Unsafe<Record<string, unknown>>(Type.Object({}));

/** The schema with a sentence for the reference; what it accepts stays the same. It has no `$id` any more. */
export function about<Schema extends TSchema>(description: string, schema: Schema): Schema {
  const { $id: _named, ...rest } = Object.getOwnPropertyDescriptors(schema) as PropertyDescriptorMap;
  return Object.assign(Object.defineProperties({}, rest) as Schema, { description });
}

/** An object with these keys and no other: for answers. `$id` is its name in the OpenAPI document. */
export function closed<Properties extends TProperties>(properties: Properties, $id?: string) {
  return Type.Object(properties, { additionalProperties: false, ...($id !== undefined && { $id }) });
}

/** An object whose every value fulfils a schema, whatever its keys: TypeBox's own pattern passes over line breaks. */
export function record<Schema extends TSchema>(value: Schema) {
  return Type.Record(Type.String({ pattern: "^[\\s\\S]*$" }), value);
}

/** A key that may be absent, or `null`, which means the same. */
export function maybe<Schema extends TSchema>(schema: Schema, options: { examples?: unknown[] } = {}) {
  return Type.Optional(Type.Union([schema, Type.Null()], options));
}

/** One of a few words. */
export function words<const Words extends readonly string[]>(...list: Words) {
  return Type.Unsafe<Words[number]>(Type.Union(list.map((word) => Type.Literal(word))));
}

/** A value, or `null` where there is none: for answers. */
export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** A time above 0 in seconds, fractions allowed. The largest is about 95,000 years. */
export const seconds = Type.Number({
  exclusiveMinimum: 0,
  maximum: 3e12,
  expected: "a number of seconds above 0",
});

/** RFC 3339 with milliseconds, UTC. */
export const instant = Type.String({ format: "date-time" });

/** An id or a name: 1 to 128 characters without control characters. */
export const name = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[^\\p{Cc}\\p{Cs}]*$",
  expected: "a string of 1 to 128 characters without control characters",
});

/** `*` and what begins with `$` are the engine's own. */
export const workerId = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^(?![$]|[*]$)[^\\p{Cc}\\p{Cs}]*$",
  expected: 'a worker id: 1 to 128 characters without control characters, not "*", not beginning with "$"',
});

const aTaskType = 'a task type: a string of 1 to 128 characters that doesn\'t begin with "$"';

/** Strings, or objects with a `name`: newer SDKs describe what they can and what they hold. */
export const nameList = Type.Array(
  Type.Union([Type.String(), Type.Object({ name: Type.String() })], {
    expected: "a string or an object with a name",
  }),
);

/** Task types that begin with `$` are the engine's. */
export const taskType = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[^$]",
  expected: aTaskType,
});

/** Task types, or objects that describe them. */
export const skillList = Type.Array(
  Type.Union([taskType, Type.Object({ name: taskType })], {
    expected: `${aTaskType}, or an object with one as its name`,
  }),
);

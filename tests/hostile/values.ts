// Hostile values, each with what the engine reads from it.
import type { JsonSchema } from "../contract/contract.ts";

/** A value as it is sent, and what it is read as. */
export interface Hostile {
  /** JSON in a body, percent-encoded in a path and a query, as it is in a header. */
  text: string;
  read: unknown;
}

/** Whoever sends it is refused, whatever the schema says. */
export const refused = Symbol("refused");
/** Refused from clients, null from workers. */
export const noNumber = Symbol("no number");
/** The document can't say whether it is right. */
export const either = Symbol("either");

const texts = [
  "",
  " ",
  "0",
  "-1",
  "1e3",
  "0x10",
  "null",
  "true",
  "undefined",
  "NaN",
  "[]",
  "{}",
  "a\u0000b",
  "a\nb",
  "a\r\nX-Injected: 1",
  "\u007f",
  "\u0085",
  "💥",
  "u\u0308",
  "\u202egnirts",
  "\ufeffx",
  "\u2028",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "$x",
  "$webhook",
  "*",
  "a,b",
  "%00",
  "%",
  "..",
  "../../../etc/passwd",
  "C:\\boot.ini",
  "' OR 1=1 --",
  "'; DROP TABLE jobs; --",
  '"; echo x #',
  "<script>alert(1)</script>",
  "$" + "{jndi:ldap://x/y}",
  "{{7*7}}",
  "http://169.254.169.254/latest",
  "gopher://x/_y",
  "2030-01-01T00:00:00.000Z",
  "00000000-0000-7000-8000-000000000000",
  "00000000-0000-7000-8000-ffffffffffff_0_0_1",
  "x_999999999999999_999999999999999_999999999999999",
  "12345678901234567890",
  "x".repeat(127),
  "x".repeat(128),
  "x".repeat(129),
  "💥".repeat(128),
  "ü".repeat(129),
  "x".repeat(255),
  "x".repeat(256),
  "x".repeat(4000),
];

const json: readonly Hostile[] = [
  ...["null", "true", "false", "0", "-0", "1", "-1", "1.5", "0.1e-6", "2147483648", "-2147483649"].map(plain),
  ...["9007199254740991", "1e308", "-1e308", "5e-324", "3e12", "3.1e12", "1001", "-1001"].map(plain),
  { text: "9007199254740993", read: "9007199254740993" },
  { text: "-9007199254740993", read: "-9007199254740993" },
  { text: "9".repeat(400), read: "9".repeat(400) },
  ...["NaN", "Infinity", "-Infinity", "1e999", "-1e999"].map((text) => ({ text, read: noNumber })),
  ...["[]", "[null]", "[[]]", '[1,"a"]', "[{}]", "[[[[[[]]]]]]", `[${"0,".repeat(1000)}0]`].map(plain),
  ...["{}", '{"a":1}', '{"a":1,"a":2}', '{"name":1}', '{"name":"x"}', '{"$ref":"#"}', '{"toString":null}'].map(plain),
  ...['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"x":1}}}', '{"":{"":{"":0}}}'].map(plain),
  { text: `${'{"a":'.repeat(50)}1${"}".repeat(50)}`, read: JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`) },
  { text: "[".repeat(200) + "]".repeat(200), read: refused },
  { text: '"\\ud800"', read: either },
  { text: '{"\\ud800":"\\udfff"}', read: either },
  ...["undefined", "'a'", '"', "[1,]", "{a:1}", "01", "+1", ".5", '"a\nb"', "\\u0000"].map((text) => ({
    text,
    read: refused,
  })),
  ...texts.map((text) => ({ text: JSON.stringify(text), read: text })),
];

/** For a field of a body: what is just past and just within its bounds comes first. */
export function bodyValues(schema: JsonSchema): { bounds: readonly Hostile[]; others: readonly Hostile[] } {
  return { bounds: boundsOf(schema).map((value) => ({ text: JSON.stringify(value), read: value })), others: json };
}

/** For a parameter of a path. */
export function pathValues(): { bounds: readonly Hostile[]; others: readonly Hostile[] } {
  const odd = ["x".repeat(4097), "9".repeat(10_000)].map((text) => ({ text, read: refused }));
  const undecodable = ["%ff", "%zz", "%", "%ED%A0%80", "%c0%ae"].map((text) => ({ text, read: refused }));
  const unencoded = ["a;b=1", "a+b", "$x", "*", "~", "%2e%2e"].map((text) => ({
    text,
    read: decodeURIComponent(text),
  }));
  // Of a path without its last part nobody knows what it is.
  const named = texts.filter((text) => text !== "").map(encoded);
  return { bounds: [...undecodable, ...odd], others: [...unencoded, ...named] };
}

/** For a parameter of a query: numbers are read where the schema expects them. */
export function queryValues(
  name: string,
  schema: JsonSchema,
): { bounds: readonly Hostile[]; others: readonly Hostile[] } {
  const isNumber = schema.type === "number" || schema.type === "integer";
  const read = (text: string): unknown => (isNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  const numbers = ["-0", "0.5", "1.5", "-0.001", "9".repeat(400), "1.", ".5", "+1", " 1", "1 ", "Infinity", "٣"];
  const bounds = boundsOf(schema).map((value) => ({
    text: encodeURIComponent(String(value)),
    read: read(String(value)),
  }));
  const doubled = { text: `1&${name}=2`, read: ["1", "2"] };
  const undecodable = ["%ff", "%zz", "%"].map((text) => ({ text, read: either }));
  const all = [...texts, ...numbers].map((text) => ({ text: encodeURIComponent(text), read: read(text) }));
  return { bounds: [doubled, ...undecodable, ...bounds], others: all };
}

/** For a header: spaces around it don't count, and nothing that would end it can be sent. */
export function headerValues(schema: JsonSchema): { bounds: readonly Hostile[]; others: readonly Hostile[] } {
  const more = ["\xff\xfe", "é", "a\tb", "k k", "k, k", '"k"', "k".repeat(7000), "00-0-0-0", "=", ";", "k;q=1"];
  // Beyond ASCII it depends on the client how many bytes a letter is.
  const all = [...texts.filter((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)), ...more];
  const bounds = boundsOf(schema).map(String);
  const read = (text: string): unknown => (/[^\t -~]/.test(text) ? either : text.replaceAll(/^[\t ]+|[\t ]+$/g, ""));
  const write = (text: string): Hostile => ({ text, read: read(text) });
  return { bounds: bounds.map(write), others: all.map(write) };
}

/** Tokens that are nobody's. */
export function tokenValues(own: string, foreign: string): { bounds: readonly Hostile[]; others: readonly Hostile[] } {
  const near = [
    own.slice(0, -1),
    `${own}x`,
    `x${own}`,
    own.toUpperCase(),
    `${own}, ${own}`,
    `${own},${own}`,
    `"${own}"`,
    own.replaceAll("-", "_"),
    [...own].reverse().join(""),
    own.slice(1),
    `Bearer ${own}`,
    encodeURIComponent(`${own} `),
    foreign,
  ];
  const write = (text: string): Hostile => ({ text, read: refused });
  return { bounds: near.map(write), others: headerValues({}).others.map(({ text }) => write(text)) };
}

/** At each bound, and one past it. */
function boundsOf(schema: JsonSchema): unknown[] {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems, enum: words } = schema;
  const values: unknown[] = [];
  if (minimum !== undefined) values.push(minimum, minimum - 1, minimum - 0.001);
  if (maximum !== undefined) values.push(maximum, maximum + 1, maximum * 2);
  if (exclusiveMinimum !== undefined) values.push(exclusiveMinimum, exclusiveMinimum + 0.001);
  if (minLength !== undefined) values.push("x".repeat(Math.max(0, minLength - 1)));
  if (maxLength !== undefined) values.push("x".repeat(maxLength), "x".repeat(maxLength + 1));
  if (minItems !== undefined) values.push(Array(Math.max(0, minItems - 1)).fill(null));
  if (maxItems !== undefined) values.push(Array(maxItems + 1).fill({}));
  for (const word of (words ?? []).filter((each) => typeof each === "string")) {
    values.push(`${word}x`, word.toUpperCase(), ` ${word}`);
  }
  return values;
}

function plain(text: string): Hostile {
  return { text, read: JSON.parse(text) };
}

function encoded(text: string): Hostile {
  return { text: encodeURIComponent(text), read: text };
}

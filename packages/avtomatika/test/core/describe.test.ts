import { expect, test } from "vitest";
import { describe, quote } from "#core/describe";

test.each<[unknown, string]>([
  ["a\nb", '"a\\nb"'],
  [5, "5"],
  [Number.NaN, "NaN"],
  [true, "true"],
  [undefined, "undefined"],
  [null, "null"],
  [5n, "a BigInt"],
  [() => 1, "a function"],
  [Symbol("s"), "a symbol"],
  [[], "an empty array"],
  [[1, 2], "an array of 2"],
  [new Date(0), "a Date"],
  [new Date(Number.NaN), "an invalid Date"],
  [Promise.resolve(), "a promise (await is missing)"],
  [{ a: 1 }, "an object"],
  [Object.create(null), "an object"],
])("describes %o as %s", (value, words) => {
  expect(describe(value)).toBe(words);
});

test("long texts are cut", () => {
  expect(quote("x".repeat(60))).toBe(`"${"x".repeat(60)}"`);
  expect(quote("x".repeat(61))).toBe(`"${"x".repeat(60)}"… (61 characters)`);
});

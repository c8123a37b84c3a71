import { expect, test } from "vitest";
import { getOwn, isObject, isPlainObject, setOwn } from "#core/plain-object";

test("getOwn finds no inherited property", () => {
  expect(getOwn({ a: 1 }, "a")).toBe(1);
  expect(getOwn<unknown>({}, "constructor")).toBeUndefined();
  expect(getOwn<unknown>({}, "__proto__")).toBeUndefined();
});

test("setOwn sets data only", () => {
  const object: Record<string, unknown> = {};
  setOwn(object, "a", 1);
  setOwn(object, "__proto__", { b: 2 });
  expect(Object.keys(object)).toEqual(["a", "__proto__"]);
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  expect(getOwn(object, "__proto__")).toEqual({ b: 2 });
});

test("a plain object has the prototype of objects or none", () => {
  class Point {}
  expect([{}, { a: 1 }, Object.create(null), JSON.parse('{"__proto__": 1}')].every(isPlainObject)).toBe(true);
  expect([new Point(), new Date(0), new Map(), [], null, undefined, "a", () => 1].some(isPlainObject)).toBe(false);
});

test("isObject is about keys", () => {
  expect([{}, Object.create(null), new Date(0)].every(isObject)).toBe(true);
  expect([null, undefined, [], () => 1, "a", 1].some(isObject)).toBe(false);
});

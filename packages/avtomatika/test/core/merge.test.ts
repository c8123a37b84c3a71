import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "#core/json";
import { mergeData, mergePatch } from "#core/merge";

const hostile: JsonObject = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
/** JSON, with the keys that reach a prototype in careless code. */
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json);
const object = fc.dictionary(fc.constantFrom("a", "b", "__proto__", "constructor", "toString"), json);

describe("mergeData", () => {
  test("replaces whole values, in place", () => {
    const target: JsonObject = { a: { x: 1 }, b: 1 };
    mergeData(target, { a: { y: 2 }, c: 3 });
    expect(target).toEqual({ a: { y: 2 }, b: 1, c: 3 });
  });

  test("never reaches a prototype", () => {
    const target: JsonObject = {};
    mergeData(target, hostile);
    expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    expect(JSON.stringify(target)).toBe(JSON.stringify(hostile));
  });
});

describe("mergePatch", () => {
  // The table of RFC 7396, appendix A.
  test.each<[Json, Json, Json]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j patched with %j is %j", (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  test("changes neither argument and no prototype, and patching twice changes nothing more", () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        const once = mergePatch(target, patch);
        expect(JSON.stringify([target, patch])).toBe(before);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(Object.getPrototypeOf(once)).toBe(Object.prototype);
        for (const [key, value] of Object.entries(patch))
          expect(Object.hasOwn(once as object, key)).toBe(value !== null);
      }),
    );
  });

  test("hostile keys are data", () => {
    expect(JSON.stringify(mergePatch({ a: 1 }, hostile))).toBe(JSON.stringify({ a: 1, ...hostile }));
    expect(mergePatch(hostile, JSON.parse('{"__proto__": null}'))).toEqual({ constructor: 1 });
    expect(({} as JsonObject)["polluted"]).toBeUndefined();
  });
});

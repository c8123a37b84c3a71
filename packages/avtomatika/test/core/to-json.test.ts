import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NotJsonError } from "#core/errors";
import { toJson } from "#core/to-json";

function fault(value: unknown, maxDepth?: number): NotJsonError {
  try {
    toJson(value, "stateHistory", maxDepth);
  } catch (error) {
    if (error instanceof NotJsonError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

describe("toJson", () => {
  test("equals JSON.stringify and back for any JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        expect(toJson(value, "x")).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("equals JSON.stringify and back for odd values that it accepts", () => {
    class Point {
      x = 1;
      #hidden = 2;
      get sum() {
        return this.x + this.#hidden;
      }
    }
    const withPrototype = Object.create(
      { inherited: 1 },
      { own: { value: 2, enumerable: true }, hidden: { value: 3 } },
    );
    const values = [
      { a: undefined, b: [undefined, null], c: -0, [Symbol("s")]: 1 },
      new Date(0),
      { at: new Date(Number.NaN) },
      new Point(),
      withPrototype,
      Object.assign(Object.create(null), { a: 1 }),
      [new Number(3), new String("s"), new Boolean(false), new Number(-0)],
      Object.assign([1, 2], { extra: true }),
      new Array(3),
      Buffer.from("ab"),
      { toJSON: () => ({ nested: { toJSON: () => 5 } }) },
      { toJSON: () => undefined },
      [{ toJSON: () => undefined }],
      { toJSON: 5 },
      /regular/,
    ];
    for (const value of values) {
      const text = JSON.stringify(value);
      expect(toJson(value, "x")).toStrictEqual(text === undefined ? null : JSON.parse(text));
    }
  });

  test("gives toJSON its key, and asks only once", () => {
    const keys: unknown[] = [];
    const value = {
      toJSON(key: unknown) {
        keys.push(key);
        return this;
      },
    };
    expect(() => toJson({ a: [value] }, "x")).toThrow("x.a[0].toJSON is a function");
    expect(
      toJson(
        Object.assign(() => 1, { toJSON: (key: unknown) => `key ${String(key)}` }),
        "x",
      ),
    ).toBe("key ");
    expect(keys).toEqual(["0"]);
  });

  test("a copy shares nothing", () => {
    const value = { list: [{ a: 1 }] };
    const copy = toJson(value, "x") as typeof value;
    value.list[0] = { a: 2 };
    value.list.push({ a: 3 });
    expect(copy).toEqual({ list: [{ a: 1 }] });
  });

  test("undefined by itself is null", () => {
    expect(toJson(undefined, "x")).toBeNull();
    expect(toJson(null, "x")).toBeNull();
  });

  test.each([
    [{ a: Number.NaN }, "stateHistory.a", "is NaN"],
    [{ items: [0, { total: Number.NEGATIVE_INFINITY }] }, "stateHistory.items[1].total", "is -Infinity"],
    [{ a: 10n }, "stateHistory.a", "is a BigInt (use a string)"],
    [{ a: Object(10n) }, "stateHistory.a", "is a BigInt (use a string)"],
    [{ a: () => 1 }, "stateHistory.a", "is a function"],
    [{ a: Symbol("s") }, "stateHistory.a", "is a symbol"],
    [{ a: Object(Symbol("s")) }, "stateHistory.a", "is a symbol"],
    [{ "odd key": new Map() }, 'stateHistory["odd key"]', "is a Map (use Object.fromEntries)"],
    [{ a: new Set() }, "stateHistory.a", "is a Set (use an array)"],
    [{ a: new WeakMap() }, "stateHistory.a", "is a WeakMap"],
    [{ a: new WeakSet() }, "stateHistory.a", "is a WeakSet"],
    [{ a: Promise.resolve(1) }, "stateHistory.a", "is a promise (await is missing)"],
    [{ a: new Number(Number.NaN) }, "stateHistory.a", "is NaN"],
  ])("refuses %o", (value, path, what) => {
    const error = fault(value);
    expect(error.path).toBe(path);
    expect(error.message).toBe(`${path} ${what}, which can't be stored as JSON`);
  });

  test("refuses cycles, but not the same object twice", () => {
    const same = { a: 1 };
    expect(toJson([same, { same }], "x")).toEqual([{ a: 1 }, { same: { a: 1 } }]);
    const cycle: Record<string, unknown> = { list: [] };
    (cycle["list"] as unknown[]).push(cycle);
    expect(fault(cycle).message).toContain("stateHistory.list[0] contains itself");
  });

  test("bounds the depth at 100 unless told otherwise", () => {
    expect(toJson(nested(100), "x")).toEqual(nested(100));
    expect(fault(nested(101)).message).toContain("is nested deeper than 100 levels");
    expect(fault([[1]], 1).path).toBe("stateHistory[0]");
  });

  test("__proto__ and constructor are data like any other", () => {
    const copy = toJson(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": 2}}'), "x");
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("what a toJSON throws passes through", () => {
    const boom = new Error("boom");
    const value = {
      toJSON() {
        throw boom;
      },
    };
    expect(() => toJson({ value }, "x")).toThrow(boom);
  });
});

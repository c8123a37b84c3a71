import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AvtomatikaError } from "#core/errors";
import { faultAt } from "#core/json-fault";
import { parseJson } from "#core/parse-json";

const worker = { nan: "null" } as const;
const client = { nan: "reject" } as const;

function fault(text: string, options: Parameters<typeof parseJson>[1] = client): string {
  try {
    parseJson(text, options);
  } catch (error) {
    expect(error).toBeInstanceOf(AvtomatikaError);
    expect((error as AvtomatikaError).code).toBe("invalid_request");
    return (error as AvtomatikaError).message;
  }
  throw new Error("nothing was thrown");
}

function standardParse(text: string): { value: unknown } | "fault" {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return "fault";
  }
}

/** JSON.parse, with the digits of big integers: the slow way that the language has for it. */
function exactParse(text: string): unknown {
  const revive = (_: string, value: unknown, context: { source?: string }) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source as string)
      ? context.source
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

/** Text that is JSON or nearly so. */
const nearJson = fc
  .tuple(
    fc.json({ maxDepth: 5 }),
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.constantFrom("", ",", '"', "}", "]", "1", "\\", "e", " ", "\u0001"),
  )
  .map(([text, at, removed, inserted]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + inserted + text.slice(place + removed);
  });
const tokens = fc
  .array(fc.constantFrom("[", "]", "{", "}", ",", ":", '"a"', '"\\n"', "1", "-2.5e3", "true", "null", " ", "\n"), {
    maxLength: 9,
  })
  .map((parts) => parts.join(""));

describe("parseJson", () => {
  test("equals JSON.parse for any document, compact or indented", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 2, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJson(text, client)).toStrictEqual(exactParse(text));
        expect(parseJson(text, worker)).toStrictEqual(exactParse(text));
      }),
    );
  });

  test("agrees with JSON.parse on what is JSON, and says where it isn't", () => {
    fc.assert(
      fc.property(fc.oneof(nearJson, tokens, fc.string()), (text) => {
        // Numbers that are meant to differ are tested below.
        fc.pre(!/NaN|Infinity|\d{16}|[eE]\+?\d{3}/.test(text));
        const expected = standardParse(text);
        if (expected === "fault") {
          expect(fault(text)).toMatch(
            /^the body is not JSON: (unexpected ".*"|it ends) at position \d+ \(line \d+, column \d+\)$/s,
          );
          expect(faultAt(text)).toBeGreaterThanOrEqual(0);
        } else {
          expect(parseJson(text, client)).toStrictEqual(expected.value);
          expect(faultAt(text)).toBe(-1);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["", 0],
    ["[1,", 3],
    ['{"a" 1}', 5],
    ['{"a": 1,}', 8],
    ["{1: 2}", 1],
    ["[1}", 2],
    ["1 2", 2],
    ["[,]", 1],
    ["[1,]", 3],
    ['{"a":}', 5],
    ["]", 0],
    ['"ab', 3],
    ['"a\u0001b"', 2],
    ['"\\x"', 2],
    ['{"\\x":1}', 3],
    ["[01]", 2],
    ["[tru]", 1],
    ["[-]", 1],
  ])("%j has its fault at %i", (text, at) => {
    expect(faultAt(text)).toBe(at);
    expect(standardParse(text)).toBe("fault");
  });

  test("JSON has no fault, nor has the JSON that Python writes", () => {
    const text = ' {"a": [1, {}, [], "\\u00e9\\n"], "b": {"c": -2.5e3}, "d": [true, false, null]}\n';
    expect(parseJson(text, client)).toEqual({ a: [1, {}, [], "é\n"], b: { c: -2500 }, d: [true, false, null] });
    expect(faultAt(text)).toBe(-1);
    expect(faultAt("[NaN, Infinity, -Infinity]")).toBe(-1);
  });

  test("names the line, and the text as the caller calls it", () => {
    expect(fault('{"a": 1,\n "b" 2}', { ...client, name: "result" })).toBe(
      'result is not JSON: unexpected "2" at position 14 (line 2, column 6)',
    );
    expect(fault('["a')).toContain("it ends at position 3");
    expect(fault("[1")).toBe("the body is not JSON: it ends at position 2 (line 1, column 3)");
    expect(fault("[😀]")).toContain('unexpected "😀" at position 1');
  });

  test("integers beyond ±(2^53−1) keep their digits, as strings", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (integer) => {
        const isSafe = integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER;
        const expected = isSafe ? Number(integer) : String(integer);
        expect(parseJson(`{"a": [${integer} ]}`, client)).toEqual({ a: [expected] });
      }),
    );
    expect(parseJson("[9007199254740991, -9007199254740992]", worker)).toEqual([9007199254740991, "-9007199254740992"]);
    expect(parseJson(`[${"9".repeat(400)}]`, client)).toEqual(["9".repeat(400)]);
    const floats = "[12345678901234567.5, 1e20, 0.12345678901234567]";
    expect(parseJson(floats, client)).toEqual(JSON.parse(floats));
  });

  test("a big integer is no key", () => {
    expect(fault("{12345678901234567890: 1}")).toContain('unexpected "1" at position 1');
    expect(fault("{12345678901234567890  \n: 1}")).toContain("position 1 ");
  });

  test("what stands in strings is left alone", () => {
    const text = '{"12345678901234567890": "NaN [1e999] \\" 12345678901234567890 \\\\", "b": NaN}';
    expect(parseJson(text, worker)).toEqual({
      "12345678901234567890": 'NaN [1e999] " 12345678901234567890 \\',
      b: null,
    });
  });

  test.each(["NaN", "Infinity", "-Infinity", "1e999", "-1.5E+400", `${"9".repeat(400)}.0`])(
    "%s is null from workers and refused from clients",
    (word) => {
      expect(parseJson(`{"a": [1, ${word}, 2], "b": ${word}}`, worker)).toEqual({ a: [1, null, 2], b: null });
      expect(parseJson(word, worker)).toBeNull();
      expect(fault(`[1, ${word}]`)).toMatch(/^the body has ".*, a number that JSON can't hold, at position 4 /);
    },
  );

  test("words that only look like numbers are faults", () => {
    for (const text of ["[NaNs]", "[+Infinity]", "[1e]", "[--1]", "[0x1F]", "[1234567890123456789012a]", "{NaN: 1}"]) {
      expect(fault(text, worker)).toContain("is not JSON: unexpected");
    }
  });

  test("bounds the depth", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(parseJson(nested(100), client)).toEqual(JSON.parse(nested(100)));
    expect(fault(nested(101))).toBe("the body is nested deeper than 100 levels at position 100 (line 1, column 101)");
    expect(fault('{"a":[{}]}', { ...client, maxDepth: 2 })).toContain("deeper than 2 levels at position 6");
    expect(parseJson('["[[[[", {"}": 1}, []]', { ...client, maxDepth: 2 })).toEqual(["[[[[", { "}": 1 }, []]);
  });

  test("a million brackets are refused at once, not run into", () => {
    expect(fault("[".repeat(1_000_000))).toContain("deeper than 100 levels");
    expect(fault("]".repeat(100_000))).toContain("position 0");
  });

  test("hostile and doubled keys", () => {
    const value = parseJson('{"__proto__": {"polluted": 1}, "a": 1, "a": 2}', client);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1},"a":2}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { ConditionError, compileCondition, maxConditionLength } from "#core/condition";
import type { ConditionView } from "#core/definition";

const data = {
  type: "urgent",
  n: 3,
  half: 1.5,
  yes: true,
  no: false,
  nothing: null,
  list: [1, 2, 3],
  mixed: [1, "a", null],
  empty: [],
  area: { field: "x", deep: { n: 1 } },
  constructor: "own",
  and: 1,
};
const view: ConditionView = { initialData: data, stateHistory: { done: true, count: 2, key: "n" } };

function matches(source: unknown, over: ConditionView = view): boolean {
  const { condition, problem } = compileCondition(source);
  if (!condition) throw new Error(problem);
  return condition.matches(over);
}

function problemOf(source: unknown): string | undefined {
  return compileCondition(source).problem;
}

describe("texts", () => {
  test.each([
    // The seed's syntax.
    "context.initial_data.type == 'urgent'",
    'context.initial_data.type == "urgent"',
    "context.initial_data.type != 'normal'",
    "context.initial_data.n >= 3",
    "context.initial_data.n < 3.5",
    "context.state_history.count <= 2",
    // What the seed's parser couldn't.
    "context.initial_data.area.field == 'x' && context.stateHistory.done",
    "context.initialData.area['deep'].n == 1",
    "context['initial_data']['n'] == 3",
    "context.initial_data.yes && !context.initial_data.no || false",
    "context.initial_data.yes",
    "context.initial_data.nothing == null",
    "context.initial_data.n != null",
    "context.initial_data.and == 1",
    "context.initial_data.area == {'field': 'x', 'deep': {'n': 1}}",
    // JSON's numbers.
    "context.initial_data.n + 1 == 4",
    "1 + context.initial_data.n == 4",
    "context.initial_data.n - 1 == 2",
    "context.initial_data.n * 2 == 6",
    "context.initial_data.n / 2 == 1.5",
    "context.initial_data.n % 2 == 1",
    "context.initial_data.n % context.state_history.count == 1",
    "1 == 1.0",
    "1.0 == 1",
    "1 / 2 == 0",
    "context.initial_data.half > 1",
    "-context.initial_data.n == -3",
    "size(context.initial_data.list) == context.initial_data.n",
    "context.initial_data.list[context.initial_data.n - 1] == 3",
    // Membership and kinds that differ.
    "context.initial_data.n in [1, 2, 3]",
    "context.initial_data.n in [1.0, 3]",
    "2 in context.initial_data.list",
    "'a' in context.initial_data.mixed",
    "null in context.initial_data.mixed",
    "!('b' in context.initial_data.mixed)",
    "!(1 in context.initial_data.empty)",
    "'field' in context.initial_data.area",
    "context.initial_data.list == [1, 2, 3]",
    "context.initial_data.type != 1",
    "'1' != 1",
    "context.initial_data.list != 'a'",
    "context.initial_data.area != null",
    "has(context.initial_data.n) && !has(context.initial_data.missing)",
    "context.initial_data.missing == 1 || true",
    "context.initial_data.list.exists(item, item > 2)",
    "context.initial_data.list.filter(item, item > 1).all(item, item < context.initial_data.n + 1)",
    "context.initial_data[context.state_history.key] == 3",
    "context.initial_data.type.startsWith('urg')",
    "context.initial_data == context.initial_data && size(context.initial_data) > 3",
    // Keys that a prototype has.
    "context.initial_data.constructor == 'own'",
  ])("%s", (text) => {
    expect(matches(text)).toBe(true);
  });

  test.each([
    "context.initial_data.type == 1",
    "context.initial_data.missing == 'x'",
    "context.initial_data.missing == null",
    "!(context.initial_data.missing == 1)",
    "context.initial_data.missing.deeper.still == 1",
    "context.initial_data.nothing.x == 1",
    "context.initial_data.n.x == 1",
    "context.initial_data.list.x == 1",
    "context.initial_data.list[7] == 1",
    "context.initial_data.__proto__ == null",
    "context.state_history.constructor != null",
    "context.state_history.toString == null",
    "has(context.state_history.hasOwnProperty)",
  ])("no match: %s", (text) => {
    expect(matches(text)).toBe(false);
  });

  test.each([
    ["context.initial_data.type < 3", /no such overload/],
    ["1 / 0 == 1", /division by zero/],
    ["context.initial_data.type", /neither true nor false/],
  ])("can't be decided: %s", (text, reason) => {
    expect(() => matches(text)).toThrow(ConditionError);
    expect(() => matches(text)).toThrow(reason);
  });

  test("a value that no JSON has can't be decided", () => {
    expect(() => matches("context.initial_data.f == 1", { ...view, initialData: { f: () => 1 } })).toThrow(
      ConditionError,
    );
  });

  test("all of a record and a part of it may be read by one condition", () => {
    expect(matches("size(context.initial_data) > 1 && context.initial_data.n == 3")).toBe(true);
    expect(matches("context.initial_data.area.field == 'x' && context.initial_data.area.deep.n == 1")).toBe(true);
    expect(matches("context.initial_data.area.field == 'x' && size(context.initial_data.area) == 2")).toBe(true);
  });

  test("only what is read is copied", () => {
    const initialData = {
      n: 1,
      get big(): never {
        throw new Error("read");
      },
    };
    expect(matches("context.initial_data.n == 1", { initialData, stateHistory: {} })).toBe(true);
  });

  test("a __proto__ key of JSON is data", () => {
    const initialData = JSON.parse('{"__proto__": {"n": 1}}') as Record<string, unknown>;
    expect(matches("context.initial_data['__proto__'].n == 1", { initialData, stateHistory: {} })).toBe(true);
    expect(matches("context.initial_data.n == 1", { initialData, stateHistory: {} })).toBe(false);
  });

  test.each([
    ["context.initial_data.type == urgent", "text needs quotes: 'urgent'"],
    ["contxt.initial_data.n == 1", 'did you mean "context"?'],
    ["context.initial_data.ok == True", "write true"],
    ["context.initial_data.ok == False", "write false"],
    ["context.initial_data.ok == None", "write null"],
    ["initial_data.n == 1", "write context.initial_data"],
    ["context.initial_data.a and context.initial_data.b", "write && instead of and"],
    ["context.initial_data.a == 'x or y' OR context.initial_data.b", "write || instead of OR"],
    ["not context.initial_data.a", "write ! instead of not"],
    ["context.initial_data.a is null", "write == instead of is"],
    ["context.initial_data.a = 'x'", "write == instead of ="],
    ["context.initial_data.a === 'x'", "write == instead of ==="],
    ["context.initial_data.a !== 'x'", "write != instead of !=="],
    ["context.initial_data.a <> 'x'", "write != instead of <>"],
    ["context.initial_data.a & true", "write && instead of &"],
    ["context.initial_data.a | true", "write || instead of |"],
    ["(1 == 1", "Expected RPAREN"],
    ["", "empty"],
    ["  ", "empty"],
    [`${"1 == 1 || ".repeat(300)}true`, `longer than ${maxConditionLength}`],
    ["context.initial_data.s.matches('^(a+)+$')", "matches() is not allowed"],
    ["context.initial_data.l.all(x, context.initial_data.l.all(y, y == x))", "all() inside a loop"],
    ["context.initial_data.l.map(x, [x].map(y, y)) == []", "map() inside a loop"],
    ["context.initial_data.l.all(1, true)", "invalid predicate iteration variable"],
    ["context.initial_data.l.all()", "needs a name first"],
    ["context.initial_data.l.all(1)", "needs a name first"],
    ["context.initial_data.l.all(context, true)", `can't call its item "context"`],
    ["context.client.id == 'x'", "context.client is not visible; conditions see"],
    ["context.initial_dta.x == 1", 'did you mean "initial_data"?'],
    ["context == null", "conditions see context.initial_data"],
    ["context[1] == 1", "conditions see context.initial_data"],
    ["cel.bind(x, 1, x == 1)", '"cel" is unknown'],
    ["'a' + 1 == 2", "no such overload"],
    ["'a'", "its value is of type string, not true or false"],
    ["1 + 1", "its value is of type int"],
    [`${"!".repeat(150)}true`, "nested more than 100 deep"],
    [`${"(".repeat(300)}true${")".repeat(300)}`, "maxDepth"],
    [42, "a text or a function, not number"],
    [null, "a text or a function, not null"],
  ])("refused: %s", (source, fix) => {
    expect(problemOf(source)).toContain(fix);
  });
});

describe("predicates", () => {
  test("the context goes in, truth comes out", () => {
    expect(matches((context: ConditionView) => context.initialData["type"] === "urgent")).toBe(true);
    expect(matches(() => undefined)).toBe(false);
    expect(matches(() => null)).toBe(false);
    expect(matches(() => JSON.parse('{"then": 1}'))).toBe(true);
    expect(matches(() => ({}))).toBe(true);
  });

  test.each([async () => true, function* () {}, async function* () {}])("%s is refused at once", (predicate) => {
    expect(problemOf(predicate)).toMatch(/condition "function( predicate)?": a predicate must be synchronous/);
  });

  test("a throw can't be decided", () => {
    const fault = new Error("broken");
    expect(() =>
      matches(() => {
        throw fault;
      }),
    ).toThrow(expect.objectContaining({ name: "ConditionError", cause: fault }));
    // A generator throws on what it is given, Error or not.
    const thrower = (function* () {})();
    expect(() => matches(() => thrower.throw("text"))).toThrow(/no Error/);
  });

  test("a promise can't be decided, and its rejection is nobody's", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    expect(() => matches(() => Promise.reject(new Error("lost")))).toThrow(/returned a promise/);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("the text names the function", () => {
    expect(compileCondition(function isUrgent() {}).condition?.text).toBe("function isUrgent");
    expect(compileCondition(() => true).condition?.text).toBe("function");
  });
});

const word = fc.constantFrom(
  ..."context . initial_data state_history n list type == != < > + - * / % && || ! ( ) [ ] { } , : ? in 'a' \"b\" 1 2.5 true false null x all exists map filter has size matches and not cel \\ \n b'a' 1u".split(
    " ",
  ),
);

test("no text does anything but match, not match, or say why", () => {
  const source = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 30 }).map((words) => words.join(" ")),
    fc.array(word, { maxLength: 30 }).map((words) => words.join("")),
  );
  fc.assert(
    fc.property(source, fc.jsonValue(), (text, value) => {
      const { condition, problem } = compileCondition(text);
      if (!condition) {
        expect(problem).toBeTypeOf("string");
        return;
      }
      const initialData = { n: value, list: [value, 1], type: "a", 1: value };
      try {
        expect(condition.matches({ initialData, stateHistory: {} })).toBeTypeOf("boolean");
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError);
      }
    }),
    { numRuns: 2000 },
  );
});

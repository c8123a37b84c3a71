import type { Logger as PinoLogger } from "pino";
import { describe, expect, expectTypeOf, test } from "vitest";
import { createActions } from "#core/actions";
import {
  type Actions,
  type AggregationResult,
  createConditionView,
  createContext,
  deepFreeze,
  type HandlerContext,
} from "#core/context";
import type { Logger } from "#core/logger";

const silent: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silent,
};

const viewFields = {
  jobId: "job-1",
  currentState: "start",
  attempt: 1,
  client: { id: "default", plan: null, params: {} },
  dataStores: {},
  aggregationResults: {},
  signal: new AbortController().signal,
  logger: silent,
  now: () => new Date(0),
  idempotencyKey: "job-1:1",
};
const fields = {
  ...viewFields,
  actions: createActions({ currentState: "start", states: new Map() }).actions,
  once: async <T>(_: string, fn: () => T | Promise<T>) => fn(),
};
const fieldNames = [...Object.keys(fields), "stateHistory", "initialData"].sort();

function context(stateHistory: Record<string, unknown> = {}, initialData: Record<string, unknown> = {}) {
  return createContext(fields, { stateHistory, initialData });
}

/** An object that JSON.parse made, as the wire may send it. */
const hostile = () => JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 5, "then": "x", "toString": "t"}');

const hostileThen = Object.fromEntries(["then"].map((name) => [name, () => 1]));

describe("createContext", () => {
  test("has every field of its own", () => {
    const stateHistory = { a: 1 };
    const initialData = { b: 2 };
    const ctx = context(stateHistory, initialData);
    expect(ctx.jobId).toBe("job-1");
    expect(ctx.stateHistory).toBe(stateHistory);
    expect(ctx.initialData).toBe(initialData);
    expect(ctx.actions).toBe(fields.actions);
    expect(ctx.now()).toEqual(new Date(0));
  });

  test("other names are looked up in stateHistory, then in initialData", () => {
    const {
      both,
      old,
      missing,
      fallback = 7,
      jobId,
      ...rest
    } = context(
      { both: "state", jobId: "not this", gone: undefined },
      { both: "initial", old: "initial", gone: "initial" },
    );
    expect([both, old, missing, fallback, jobId]).toEqual(["state", "initial", undefined, 7, "job-1"]);
    expect(rest["gone"]).toBe("initial");
  });

  test("sees what the handler writes into stateHistory", () => {
    const ctx = context();
    expect("late" in ctx).toBe(false);
    ctx.stateHistory.late = 1;
    expect([ctx["late"], "late" in ctx]).toEqual([1, true]);
  });

  test("can be listed and spread, each name once", () => {
    const ctx = context({ a: 1, b: undefined, jobId: 0 }, { a: 2, c: 3, ...hostileThen });
    expect(Object.keys(ctx).sort()).toEqual(["a", "c", ...fieldNames].sort());
    expect({ ...ctx }).toMatchObject({ a: 1, c: 3, jobId: "job-1" });
    expect("jobId" in ctx && "a" in ctx && !("zzz" in ctx)).toBe(true);
    expect(Object.getOwnPropertyDescriptor(ctx, "a")).toEqual({
      value: 1,
      enumerable: true,
      configurable: true,
      writable: false,
    });
    expect(Object.hasOwn(ctx, "zzz")).toBe(false);
  });

  test("reaches no prototype", () => {
    const ctx = context() as Record<string, unknown>;
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
      expect(ctx[name]).toBeUndefined();
      expect(name in ctx).toBe(false);
    }
    expect(Object.getPrototypeOf(ctx)).toBeNull();
    const attacked = context(hostile()) as Record<string, unknown>;
    expect([attacked["constructor"], attacked["toString"]]).toEqual([5, "t"]);
    expect(Reflect.get(attacked, "__proto__")).toEqual({ polluted: 1 });
    expect(attacked["polluted"]).toBeUndefined();
    expect(Reflect.get(ctx, Symbol.iterator)).toBeUndefined();
  });

  test("is never a thenable", async () => {
    const ctx = context(hostileThen, hostile());
    expect((ctx as Record<string, unknown>)["then"]).toBeUndefined();
    expect("then" in ctx).toBe(false);
    expect(await Promise.resolve(ctx)).toBe(ctx);
  });

  test("nothing on it can be changed", () => {
    const ctx = context({ a: 1 }) as Record<string, unknown>;
    expect(() => Object.assign(ctx, { jobId: 1 })).toThrow("context.jobId can't be changed: it is fixed");
    expect(() => Object.assign(ctx, { stateHistory: {} })).toThrow(
      "context.stateHistory can't be changed: set a key of stateHistory",
    );
    expect(() => Object.assign(ctx, { a: 2 })).toThrow("context.a can't be changed: set a key of stateHistory");
    expect(() => Object.defineProperty(ctx, "b", { value: 1 })).toThrow("context.b can't be changed");
    expect(() => delete ctx["a"]).toThrow("context.a can't be changed");
    expect(() => Object.freeze(ctx)).toThrow(TypeError);
    expect(ctx["a"]).toBe(1);
  });
});

describe("createConditionView", () => {
  test("is the context without actions and once", () => {
    const view = createConditionView(viewFields, { stateHistory: { a: 1, actions: 2 }, initialData: { once: 3 } });
    expect([view["a"], view["jobId"], view.stateHistory["a"]]).toEqual([1, "job-1", 1]);
    expect([view["actions"], view["once"]]).toEqual([undefined, undefined]);
    expect(Object.keys(view)).not.toContain("actions");
  });
});

test("deepFreeze freezes through and through", () => {
  const value = deepFreeze({ a: [{ b: 1 }], c: null, d: "x" });
  expect(() => Object.assign(value.a[0] as object, { b: 2 })).toThrow(TypeError);
  expect([Object.isFrozen(value), Object.isFrozen(value.a)]).toEqual([true, true]);
  expect(deepFreeze(5)).toBe(5);
  expect(deepFreeze(null)).toBeNull();
});

describe("types", () => {
  interface Input {
    file: string;
    jobId: number;
    size?: number;
  }
  interface State {
    pages: number;
    file: boolean;
  }

  test("without type arguments, any name is any", () => {
    const check = ({ jobId, actions, output_path }: HandlerContext) => {
      expectTypeOf(jobId).toEqualTypeOf<string>();
      expectTypeOf(actions).toEqualTypeOf<Actions>();
      expectTypeOf(output_path).toBeAny();
    };
    expect(check).toBeTypeOf("function");
  });

  test("typed data is found by name, context fields win", () => {
    const check = (ctx: HandlerContext<Input, State>) => {
      expectTypeOf(ctx.jobId).toEqualTypeOf<string>();
      expectTypeOf(ctx.initialData).toEqualTypeOf<Readonly<Input>>();
      expectTypeOf(ctx.stateHistory).toEqualTypeOf<State>();
      expectTypeOf(ctx.pages).toEqualTypeOf<number | undefined>();
      expectTypeOf(ctx.file).toEqualTypeOf<boolean | string | undefined>();
      expectTypeOf(ctx.size).toEqualTypeOf<number | undefined>();
      // @ts-expect-error: neither a field nor in the data
      expect(ctx.other).toBeUndefined();
      // @ts-expect-error: frozen
      ctx.initialData.file = "x";
      expectTypeOf(ctx.aggregationResults).toEqualTypeOf<Readonly<Record<string, AggregationResult>>>();
    };
    expect(check).toBeTypeOf("function");
  });

  test("typed initial data beside free state", () => {
    const check = (ctx: HandlerContext<Input>) => {
      expectTypeOf(ctx.file).toEqualTypeOf<string>();
      expectTypeOf(ctx.other).toBeAny();
    };
    expect(check).toBeTypeOf("function");
  });

  test("a misspelled state is an error where the states are known", () => {
    const check = (ctx: HandlerContext<Input, State, "start" | "end">) => {
      ctx.actions.transitionTo("end");
      ctx.actions.transitionTo("failed");
      // @ts-expect-error: no such state
      ctx.actions.transitionTo("edn");
      // @ts-expect-error: no such state
      ctx.actions.dispatchTask({ taskType: "t", transitions: { success: "edn" } });
      // @ts-expect-error: only a state of the blueprint has an aggregator
      ctx.actions.dispatchParallel({ tasks: [], aggregateInto: "failed" });
    };
    expect(check).toBeTypeOf("function");
  });

  test("pino's logger is one of ours", () => {
    expectTypeOf<PinoLogger>().toExtend<Logger>();
  });
});

import { describe, expect, test } from "vitest";
import type { KnownStates } from "#core/actions/states";
import { ActionAlreadyChosenError, AvtomatikaError, UnknownStateError } from "#core/errors";
import { begin, chosen, handler, refused } from "./actions/one-run.ts";

describe("one action per run", () => {
  test("nothing is chosen at first", () => {
    expect(begin().chosen()).toBeNull();
  });

  test("methods work on their own, and return what an arrow function may return", () => {
    const run = begin();
    const { transitionTo } = run.actions;
    expect((() => transitionTo("end"))()).toBeUndefined();
    expect(run.chosen()).toEqual({ kind: "transition", state: "end" });
  });

  test("a second one throws and names both; the first stands", () => {
    const run = begin();
    run.actions.transitionTo("end");
    expect(() => run.actions.finish()).toThrow(ActionAlreadyChosenError);
    expect(() => run.actions.finish()).toThrow(
      'state "start" chose finish after transitionTo: a handler chooses exactly one action',
    );
    expect(run.chosen()).toEqual({ kind: "transition", state: "end" });
  });

  test("after a refused one another may be chosen", () => {
    const run = begin();
    expect(() => run.actions.transitionTo("nowhere")).toThrow(UnknownStateError);
    run.actions.fail("so");
    expect(run.chosen()).toEqual({ kind: "fail", reason: "so" });
  });

  test("one that comes too late throws and is reported", () => {
    const late: string[] = [];
    const run = begin({ onLate: (error) => late.push(error.code) });
    run.close();
    expect(() => run.actions.transitionTo("end")).toThrow(
      'state "start" called transitionTo after its handler had returned: await what leads to it',
    );
    expect(late).toEqual(["action_too_late"]);
    expect(run.chosen()).toBeNull();
    const unheard = begin();
    unheard.close();
    expect(() => unheard.actions.finish()).toThrow(AvtomatikaError);
  });
});

describe("transitionTo", () => {
  test.each(["end", "choice", "both", "finished", "failed"])("%s can be entered", (state) => {
    expect(chosen("transitionTo", state)).toEqual({ kind: "transition", state });
  });

  test("unknown states are errors that name the nearest", () => {
    expect(refused("transitionTo", "edn")).toBe('transitionTo names the unknown state "edn", did you mean "end"?');
    expect(refused("transitionTo", "completely_else")).toBe(
      'transitionTo names the unknown state "completely_else"; the states are start, end, choice, collect, both, finished, failed',
    );
    expect(refused("transitionTo", "constructor")).toContain("unknown state");
    expect(refused("transitionTo", undefined)).toBe("transitionTo must be the name of a state, got undefined");
  });

  test("a state with only an aggregator is for fan-outs", () => {
    expect(refused("transitionTo", "collect")).toBe(
      'transitionTo names the state "collect", which has only an aggregator: dispatchParallel alone leads there',
    );
  });

  test("failed and finished can be entered whatever the blueprint says of them", () => {
    const own: KnownStates = new Map([["failed", { handler: undefined, conditional: [], aggregator: handler }]]);
    const run = begin({ states: own });
    run.actions.transitionTo("failed");
    expect(run.chosen()).toEqual({ kind: "transition", state: "failed" });
  });
});

describe("finish and fail", () => {
  test("finish takes any JSON value, or none", () => {
    expect(chosen("finish")).toEqual({ kind: "finish", result: undefined });
    expect(chosen("finish", null)).toEqual({ kind: "finish", result: null });
    expect(chosen("finish", { at: new Date(0) })).toEqual({
      kind: "finish",
      result: { at: "1970-01-01T00:00:00.000Z" },
    });
    expect(refused("finish", { a: new Map() })).toContain("result.a is a Map");
  });

  test("fail takes a text or an Error", () => {
    expect(chosen("fail", "no")).toEqual({ kind: "fail", reason: "no" });
    expect(chosen("fail", new Error("boom"))).toEqual({ kind: "fail", reason: "boom" });
    expect(chosen("fail", new RangeError())).toEqual({ kind: "fail", reason: "RangeError" });
    expect(refused("fail")).toBe("fail must be given a reason, a string or an Error, got undefined");
  });
});

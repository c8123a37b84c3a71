import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineBlueprint, StateMachineBlueprint } from "#core/blueprint";

// The compiler is what tests here: every @ts-expect-error must be one.

test("listed states make a misspelled one a compile-time error", () => {
  const flow = new StateMachineBlueprint({ name: "typed", states: ["start", "work", "end"] as const });
  flow
    .handlerFor("start", { isStart: true, transitions: ["work", "finished"] }, ({ actions, currentState }) => {
      expectTypeOf(currentState).toEqualTypeOf<"start" | "work" | "end">();
      actions.transitionTo("work");
    })
    .handlerFor("work", { transitions: ["end"] })
    .when("true", { transitions: ["failed"] }, ({ actions }) => actions.transitionTo("failed"))
    .aggregatorFor("end", ({ actions }) => actions.finish());

  const wrong = new StateMachineBlueprint({ name: "wrong", states: ["start", "end"] });
  // @ts-expect-error: no such state
  wrong.handlerFor("strat", () => {});
  // @ts-expect-error: no such state
  wrong.aggregatorFor("ende", () => {});
  // @ts-expect-error: no such state
  wrong.handlerFor("start", { transitions: ["ende"] }, () => {});
  // @ts-expect-error: no such state
  wrong.handlerFor("start").when("true", { transitions: ["ende"] }, () => {});
  wrong.handlerFor("start", ({ actions }) => {
    // @ts-expect-error: no such state
    actions.transitionTo("ende");
    // @ts-expect-error: no such state
    actions.dispatchTask({ taskType: "t", transitions: { success: "ende" } });
    // @ts-expect-error: no such state
    actions.dispatchParallel({ tasks: [], aggregateInto: "ende" });
    // @ts-expect-error: no such state
    actions.dispatchParallel({ tasks: [], aggregateInto: "end", onFailure: "ende" });
    const approval = { integration: "i", message: "m", timeoutSeconds: 1 };
    // @ts-expect-error: no such state
    actions.awaitHumanApproval({ ...approval, transitions: { a: "ende" } });
    // @ts-expect-error: no such state
    actions.awaitHumanApproval({ ...approval, transitions: { a: "end" }, timeoutState: "ende" });
    // @ts-expect-error: no such state
    actions.runBlueprint({ blueprintName: "b", initialData: {}, transitions: { success: "ende" } });
    // @ts-expect-error: no such state
    actions.sleep({ seconds: 1 }, "ende");
    actions.transitionTo("finished");
  });
  expect(() => wrong.validate()).toThrow();
});

test("a schema types the initial data", () => {
  const inputSchema = z.object({ path: z.string(), size: z.coerce.number() });
  const flow = new StateMachineBlueprint({ name: "typed", inputSchema });
  flow.handlerFor("start", { isStart: true, isEnd: true }, ({ initialData, path }) => {
    expectTypeOf(initialData.size).toBeNumber();
    expectTypeOf(path).toBeString();
    // @ts-expect-error: no such key
    void initialData.missing;
  });
  flow.handlerFor("start").when(
    ({ initialData }) => initialData.size > 1,
    () => {},
  );
  expect(defineBlueprint(flow).startState).toBe("start");
});

test("type arguments win, and default to anything", () => {
  const typed = new StateMachineBlueprint<{ a: number }, { b: string }>({ name: "typed" });
  typed.handlerFor("start", { isStart: true, isEnd: true }, ({ initialData, stateHistory }) => {
    expectTypeOf(initialData.a).toBeNumber();
    expectTypeOf(stateHistory.b).toBeString();
    // @ts-expect-error: no such key
    void stateHistory.a;
  });
  const free = new StateMachineBlueprint({ name: "free" });
  free.handlerFor("start", { isStart: true }, async ({ output_path, duration, actions }) => {
    expectTypeOf(output_path).toBeAny();
    expectTypeOf(duration).toBeAny();
    return actions.transitionTo("anything at all");
  });
  expect(defineBlueprint(typed).name).toBe("typed");
});

test("predicates are synchronous, see no actions and no once", () => {
  const flow = new StateMachineBlueprint<{ a: number }, { b: string }>({ name: "typed" });
  const start = flow.handlerFor("start", { isStart: true, isEnd: true });
  const handler = () => {};
  start.when(({ initialData, stateHistory, jobId }) => initialData.a > 1 && stateHistory.b === jobId, handler);
  // @ts-expect-error: an async predicate would always match
  const asynchronous = () => start.when(async () => true, handler);
  // @ts-expect-error: a predicate has no actions
  const acts = () => start.when(({ actions }) => Boolean(actions), handler);
  // @ts-expect-error: a predicate has no once
  const keeps = () => start.when(({ once }) => Boolean(once), handler);
  // @ts-expect-error: the option is called isStart
  const options = () => flow.handlerFor("start", { is_start: true }, handler);
  expect([asynchronous, acts, keeps, options]).toHaveLength(4);
  expect(flow.validate()).toEqual({ warnings: [] });
});

import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineBlueprint, StateMachineBlueprint } from "#core/blueprint";

// The compiler is what tests here (`npm run check`, step "type tests"): every @ts-expect-error must be one, and its
// message must have the quoted word.

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
  // @ts-expect-error: "strat" is no state
  wrong.handlerFor("strat", () => {});
  // @ts-expect-error: "ende" is no state
  wrong.aggregatorFor("ende", () => {});
  // @ts-expect-error: "ende" is no state
  wrong.handlerFor("start", { transitions: ["ende"] }, () => {});
  // @ts-expect-error: "ende" is no state
  wrong.handlerFor("start").when("true", { transitions: ["ende"] }, () => {});
  wrong.handlerFor("start", ({ actions, currentState }) => {
    // @ts-expect-error: "strat" is no state
    if (currentState === "strat") return;
    // @ts-expect-error: "ende" is no state
    actions.transitionTo("ende");
    // @ts-expect-error: "ende" is no state, whatever the status
    actions.dispatchTask({ taskType: "t", transitions: { success: "ende" } });
    // @ts-expect-error: "ende" is no state
    actions.dispatchParallel({ tasks: [], aggregateInto: "ende" });
    // @ts-expect-error: "ende" is no state
    actions.dispatchParallel({ tasks: [], aggregateInto: "end", onFailure: "ende" });
    const approval = { integration: "i", message: "m", timeoutSeconds: 1 };
    // @ts-expect-error: "ende" is no state
    actions.awaitHumanApproval({ ...approval, transitions: { a: "ende" } });
    // @ts-expect-error: "ende" is no state
    actions.awaitHumanApproval({ ...approval, transitions: { a: "end" }, timeoutState: "ende" });
    // @ts-expect-error: "ende" is no state
    actions.runBlueprint({ blueprintName: "b", initialData: {}, transitions: { success: "ende" } });
    // @ts-expect-error: "ende" is no state
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
    // @ts-expect-error: "sise" is not in the schema
    void initialData.sise;
  });
  flow.handlerFor("start").when(
    ({ initialData }) => initialData.size > 1,
    () => {},
  );
  const noop = () => {};
  const { output } = inputSchema["~standard"].types ?? {};
  expectTypeOf(output).toEqualTypeOf<{ path: string; size: number } | undefined>();
  const conditional = () => flow.handlerFor("start");
  // @ts-expect-error: "sise" is not in the schema
  const predicate = () => conditional().when(({ initialData }) => initialData.sise > 1, noop);
  // @ts-expect-error: its output, not its input: "toUpperCase" is for texts
  const shout = () => flow.handlerFor("start", ({ initialData }) => initialData.size.toUpperCase());
  // @ts-expect-error: what can "parse" only is no Standard Schema
  const noSchema = () => new StateMachineBlueprint({ name: "typed", inputSchema: { parse: () => ({}) } });
  expect([predicate, shout, noSchema]).toHaveLength(3);
  expect(defineBlueprint(flow).startState).toBe("start");
});

test("type arguments win, and default to anything", () => {
  const typed = new StateMachineBlueprint<{ a: number }, { b: string }>({ name: "typed" });
  typed.handlerFor("start", { isStart: true, isEnd: true }, ({ initialData, stateHistory }) => {
    expectTypeOf(initialData.a).toBeNumber();
    expectTypeOf(stateHistory.b).toBeString();
    // @ts-expect-error: "bb" is not in the state
    void stateHistory.bb;
    // @ts-expect-error: b is a "string"
    stateHistory.b = 5;
    // @ts-expect-error: "a" is frozen
    initialData.a = 3;
  });
  // @ts-expect-error: "aa" is neither a field of the context nor in the data
  const looksUp = () => typed.handlerFor("start", ({ aa }) => aa);
  const both = new StateMachineBlueprint<{ a: number }, { b: string }, "start" | "end">({
    name: "both",
    states: ["start", "end"],
  });
  // @ts-expect-error: "ende" is no state: with type arguments the states are the third
  const goes = () => both.handlerFor("start", ({ actions }) => actions.transitionTo("ende"));
  // @ts-expect-error: "ende" isn't among the states of the third type argument
  const lists = () => new StateMachineBlueprint<{ a: number }, { b: string }, "end">({ name: "l", states: ["ende"] });
  expect([looksUp, goes, lists]).toHaveLength(3);
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
  // @ts-expect-error: a "Promise" would always match
  const asynchronous = () => start.when(async () => true, handler);
  // @ts-expect-error: a predicate has no "actions"
  const acts = () => start.when(({ actions }) => Boolean(actions), handler);
  // @ts-expect-error: a predicate has no "once"
  const keeps = () => start.when(({ once }) => Boolean(once), handler);
  // @ts-expect-error: the option is not called "is_start"
  const options = () => flow.handlerFor("start", { is_start: true }, handler);
  // @ts-expect-error: "transition" is no option
  const misspelled = () => start.when("true", { transition: ["end"] }, handler);
  // @ts-expect-error: "sucess" is no outcome
  const outcome = () => flow.handlerFor("start", { outcome: "sucess" }, handler);
  // @ts-expect-error: "apiEndpont" is no option
  const endpoint = () => new StateMachineBlueprint({ name: "x", apiEndpont: "/x" });
  // @ts-expect-error: "png" is no format
  const drawing = () => flow.renderGraph({ format: "png" });
  expect([asynchronous, acts, keeps, options, misspelled, outcome, endpoint, drawing]).toHaveLength(8);
  expect(flow.validate()).toEqual({ warnings: [] });
});

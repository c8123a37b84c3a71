import { expect, expectTypeOf, test } from "vitest";
import type { Actions } from "#core/actions";

// The compiler is what tests here (`npm run check`, step "type tests"): every @ts-expect-error must be one, and its
// message must have the quoted word. Nothing of it is called.

test("misspelled options of actions don't compile", () => {
  const check = (actions: Actions) => {
    const transitions = { success: "end" };
    const approval = { integration: "desk", message: "sell?", transitions };
    actions.dispatchTask({
      taskType: "t",
      transitions,
      retry: { maxRetries: 0, factor: 1 },
      dispatchStrategy: "cheapest",
    });
    // @ts-expect-error: "priorty" is no option
    actions.dispatchTask({ taskType: "t", transitions, priorty: 1 });
    // @ts-expect-error: "taskTyp" is no option
    actions.dispatchTask({ taskTyp: "t", transitions });
    // @ts-expect-error: "resourceRequirement" is no option
    actions.dispatchTask({ taskType: "t", transitions, resourceRequirement: {} });
    // @ts-expect-error: without "transitions" nobody would know where it leads
    actions.dispatchTask({ taskType: "t" });
    // @ts-expect-error: "round_robbin" is no strategy
    actions.dispatchTask({ taskType: "t", transitions, dispatchStrategy: "round_robbin" });
    // @ts-expect-error: "maxRetry" is no retry option
    actions.dispatchTask({ taskType: "t", transitions, retry: { maxRetry: 1 } });
    // @ts-expect-error: "delayMs" is no retry option, times are seconds
    actions.dispatchTask({ taskType: "t", transitions, retry: { delayMs: 1 } });
    // @ts-expect-error: "timeoutSecond" is no option
    actions.dispatchParallel({ tasks: [{ taskType: "t", timeoutSecond: 1 }], aggregateInto: "end" });
    // @ts-expect-error: branches have no "transitions"
    actions.dispatchParallel({ tasks: [{ taskType: "t", transitions }], aggregateInto: "end" });
    // @ts-expect-error: "agregateInto" is no option
    actions.dispatchParallel({ tasks: [], agregateInto: "end" });
    // @ts-expect-error: "onfailure" is no option
    actions.dispatchParallel({ tasks: [], aggregateInto: "end", onfailure: "end" });
    // @ts-expect-error: "timeoutSeconds" is spelled out
    actions.awaitHumanApproval({ ...approval, timeoutSecs: 1 });
    // @ts-expect-error: "mesage" is no option
    actions.awaitHumanApproval({ integration: "desk", mesage: "sell?", transitions });
    // @ts-expect-error: "bluprintName" is no option
    actions.runBlueprint({ bluprintName: "b", transitions });
    // @ts-expect-error: "second" is no option
    actions.sleep({ second: 1 }, "end");
    // @ts-expect-error: "until" and seconds exclude each other
    actions.sleep({ seconds: 1, until: "2030-01-31T09:00:00Z" }, "end");
    // @ts-expect-error: "transitonTo" is no action
    actions.transitonTo("end");
    // @ts-expect-error: a "number" is no reason
    actions.fail(5);
  };
  expect(check).toBeTypeOf("function");
});

test("policies and outcomes are words of a list", () => {
  const check = (actions: Actions) => {
    actions.dispatchParallel({ tasks: [], aggregateInto: "end", policy: { quorum: 2 } });
    // @ts-expect-error: "setled" is no policy
    actions.dispatchParallel({ tasks: [], aggregateInto: "end", policy: "setled" });
    // @ts-expect-error: "quorm" is no policy
    actions.dispatchParallel({ tasks: [], aggregateInto: "end", policy: { quorm: 1 } });
    actions.runBlueprint({ blueprintName: "b", transitions: { success: "end", failure: "failed" } });
    actions.runBlueprint({ blueprintName: "b", transitions: {} });
    // @ts-expect-error: "sucess" is no outcome
    actions.runBlueprint({ blueprintName: "b", transitions: { sucess: "end" } });
  };
  expect(check).toBeTypeOf("function");
  expectTypeOf<Parameters<Actions["transitionTo"]>>().toEqualTypeOf<[string]>();
});

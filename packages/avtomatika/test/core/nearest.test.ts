import { expect, test } from "vitest";
import { didYouMean, nearest } from "#core/nearest";

test.each([
  ["retires", ["retries", "retry"], "retries"],
  ["is_start", ["isStart", "isEnd"], "isStart"],
  ["Timeout-Seconds", ["timeoutSeconds"], "timeoutSeconds"],
  ["transitonTo", ["sleep", "transitionTo"], "transitionTo"],
  ["a", ["b", "c"], "b"],
  ["dispatch", ["finish"], undefined],
  ["x", [], undefined],
  ["maxRetry", ["factor", "maxRetries"], "maxRetries"],
  ["timeout", ["params", "timeoutSeconds", "timeoutState"], "timeoutSeconds"],
  ["task", ["taskType"], undefined],
  ["timeouts", ["timeoutSeconds", "timeout"], "timeout"],
  ["", ["a", "abc"], "a"],
  ["ab", ["ba"], "ba"],
])("nearest(%j, %j) is %j", (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});

test("didYouMean ends a sentence, or says nothing", () => {
  expect(didYouMean("strat", new Set(["start"]))).toBe(', did you mean "start"?');
  expect(didYouMean("strat", ["unrelated"])).toBe("");
});

test("a very long word costs nothing and is near to nothing", () => {
  expect(nearest("x".repeat(1_000_000), ["start"])).toBeUndefined();
});

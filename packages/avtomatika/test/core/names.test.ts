import { expect, test } from "vitest";
import { isName, isPrincipal, isTaskType, requireName, requireTaskType } from "#core/names";

test("a name has 1 to 128 characters", () => {
  expect(["a", "$a", "x".repeat(128)].every(isName)).toBe(true);
  expect(["", "x".repeat(129), 5, null, undefined, ["a"]].some(isName)).toBe(false);
  expect(requireName("the name", "a")).toBe("a");
  expect(() => requireName("the name", "")).toThrow('the name must be a string of 1 to 128 characters, got ""');
});

test("a task type doesn't begin with $", () => {
  expect(["a", "a$", "x".repeat(128)].every(isTaskType)).toBe(true);
  expect(["", "$webhook", 5].some(isTaskType)).toBe(false);
  expect(requireTaskType("taskType", "resize")).toBe("resize");
  expect(() => requireTaskType("taskType", "$webhook")).toThrow(
    'taskType must be a string of 1 to 128 characters that doesn\'t begin with "$", got "$webhook"',
  );
});

test("the id of a client or worker has no control characters, and is none of the engine's", () => {
  expect(["a", "a b", "ä", "*a", "a$", "x".repeat(128)].every(isPrincipal)).toBe(true);
  expect(["", "*", "$a", "a\n", "\ud800", "x".repeat(129), 5, null].some(isPrincipal)).toBe(false);
});

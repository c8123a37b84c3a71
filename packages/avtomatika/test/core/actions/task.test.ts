import { describe, expect, test } from "vitest";
import { NotJsonError } from "#core/errors";
import { begin, chosen, refused } from "./one-run.ts";

const task = { taskType: "t", transitions: {} };

describe("dispatchTask", () => {
  test("defaults", () => {
    expect(chosen("dispatchTask", task)).toEqual({
      kind: "task",
      task: {
        taskType: "t",
        params: {},
        priority: null,
        strategy: "default",
        requirements: null,
        maxCost: null,
        timeoutMs: null,
        dispatchTimeoutMs: null,
        retry: null,
      },
      transitions: {},
    });
  });

  test("everything, in milliseconds and the engine's words", () => {
    expect(
      chosen("dispatchTask", {
        taskType: "t",
        params: { at: new Date(0), none: undefined },
        transitions: { success: "end", failure: "failed" },
        priority: -1.4,
        dispatchStrategy: "best_value",
        resourceRequirements: { cpuCores: 2 },
        maxCost: 0,
        timeoutSeconds: 0.5,
        dispatchTimeoutSeconds: 0.0001,
        retry: { maxRetries: 0, delaySeconds: 0, maxDelaySeconds: 1.5, factor: 1 },
      }),
    ).toEqual({
      kind: "task",
      task: {
        taskType: "t",
        params: { at: "1970-01-01T00:00:00.000Z" },
        priority: -1,
        strategy: "best_value",
        requirements: { cpu_cores: 2 },
        maxCost: 0,
        timeoutMs: 500,
        dispatchTimeoutMs: 1,
        retry: { maxRetries: 0, delayMs: 0, maxDelayMs: 1500, factor: 1 },
      },
      transitions: { success: "end", failure: "failed" },
    });
  });

  test("undefined and null count as not given", () => {
    const nothing = {
      params: null,
      priority: undefined,
      dispatchStrategy: null,
      resourceRequirements: null,
      maxCost: undefined,
      timeoutSeconds: null,
      dispatchTimeoutSeconds: undefined,
      retry: { maxRetries: undefined },
    };
    expect(chosen("dispatchTask", { ...task, ...nothing })).toMatchObject({ task: { params: {}, retry: {} } });
  });

  test.each([
    [-1000.5, -1000],
    [1000.4, 1000],
    [0.5, 1],
    [-0.4, 0],
  ])("priority %d becomes %d", (priority, expected) => {
    expect(chosen("dispatchTask", { ...task, priority })).toMatchObject({ task: { priority: expected } });
  });

  test.each<[object, string]>([
    [{ taskType: undefined }, "dispatchTask.taskType must be a string of 1 to 128 characters that doesn't begin with"],
    [
      { taskType: "$webhook" },
      'dispatchTask.taskType must be a string of 1 to 128 characters that doesn\'t begin with "$", got "$webhook"',
    ],
    [{ taskType: "x".repeat(129) }, "(129 characters)"],
    [{ params: [1] }, "dispatchTask.params must be a plain object, got an array of 1"],
    [{ params: "text" }, 'dispatchTask.params must be a plain object, got "text"'],
    [{ params: new Date(0) }, "dispatchTask.params must be a plain object, got a Date"],
    [{ params: { a: [Number.NaN] } }, "dispatchTask.params.a[0] is NaN, which can't be stored as JSON"],
    [{ priority: "high" }, 'dispatchTask.priority must be a number in -1000…1000, got "high"'],
    [{ priority: 1000.5 }, "dispatchTask.priority must be a number in -1000…1000, got 1000.5"],
    [{ priority: Number.NaN }, "dispatchTask.priority must be a number in -1000…1000, got NaN"],
    [
      { dispatchStrategy: "cheepest" },
      'must be one of default, round_robin, least_connections, cheapest, best_value, got "cheepest", did you mean "cheapest"?',
    ],
    [
      { dispatchStrategy: 1 },
      "dispatchTask.dispatchStrategy must be one of default, round_robin, least_connections, cheapest, best_value, got 1",
    ],
    [
      { resourceRequirements: { cpuCores: "4" } },
      'dispatchTask.resourceRequirements.cpu_cores must be a number, got "4"',
    ],
    [{ maxCost: -1 }, "dispatchTask.maxCost must be a number, 0 or more, got -1"],
    [{ timeoutSeconds: 0 }, "dispatchTask.timeoutSeconds must be a number of seconds above 0, got 0"],
    [{ timeoutSeconds: Number.POSITIVE_INFINITY }, "got Infinity"],
    [
      { dispatchTimeoutSeconds: 1e13 },
      "dispatchTask.dispatchTimeoutSeconds must be a number of seconds above 0, got 10000000000000",
    ],
    [{ retry: 3 }, "dispatchTask.retry must be given an object of options, got 3"],
    [
      { retry: { retries: 3 } },
      'dispatchTask.retry: unknown option "retries"; the options are maxRetries, delaySeconds, maxDelaySeconds, factor',
    ],
    [{ retry: { maxRetires: 3 } }, 'dispatchTask.retry: unknown option "maxRetires", did you mean "maxRetries"?'],
    [{ retry: { maxRetries: 1.5 } }, "dispatchTask.retry.maxRetries must be an integer, 0 or more, got 1.5"],
    [{ retry: { maxRetries: -1 } }, "got -1"],
    [{ retry: { factor: 0.5 } }, "dispatchTask.retry.factor must be a number, 1 or more, got 0.5"],
    [{ retry: { delaySeconds: -1 } }, "dispatchTask.retry.delaySeconds must be a number of seconds, 0 or more, got -1"],
    [{ retry: { maxDelaySeconds: 1e13 } }, "dispatchTask.retry.maxDelaySeconds must be a number of seconds, 0 or more"],
    [
      { transitions: undefined },
      "dispatchTask.transitions must be an object that maps statuses to states, got undefined",
    ],
    [
      { transitions: { success: "edn" } },
      'dispatchTask.transitions.success names the unknown state "edn", did you mean "end"?',
    ],
    [{ transitions: { success: null } }, "dispatchTask.transitions.success must be the name of a state, got null"],
    [{ task_type: "t" }, 'dispatchTask: unknown option "task_type", did you mean "taskType"?'],
    [{ prams: {} }, 'dispatchTask: unknown option "prams", did you mean "params"?'],
  ])("%o is refused", (part, message) => {
    expect(refused("dispatchTask", { ...task, ...part })).toContain(message);
  });

  test("what isn't an object of options is refused", () => {
    expect(refused("dispatchTask")).toBe("dispatchTask must be given an object of options, got undefined");
    expect(refused("dispatchTask", "t", {})).toBe('dispatchTask must be given an object of options, got "t"');
  });

  test("an error that is about JSON says so", () => {
    expect(() => begin().actions.dispatchTask({ ...task, params: { a: 1n } })).toThrow(NotJsonError);
  });

  test("a status called __proto__ is a status", () => {
    const action = chosen("dispatchTask", { taskType: "t", transitions: JSON.parse('{"__proto__": "end"}') });
    expect(JSON.stringify(action)).toContain('"transitions":{"__proto__":"end"}');
  });
});

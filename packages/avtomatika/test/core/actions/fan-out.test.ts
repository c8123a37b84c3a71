import { describe, expect, test } from "vitest";
import { chosen, refused } from "./one-run.ts";

describe("dispatchParallel", () => {
  const fanOut = {
    tasks: [{ taskType: "a" }, { taskType: "b", params: { x: 1 }, priority: 3 }],
    aggregateInto: "collect",
  };

  test("branches in order, joined by all of them", () => {
    expect(chosen("dispatchParallel", fanOut)).toMatchObject({
      kind: "fan-out",
      tasks: [
        { taskType: "a", params: {}, priority: null },
        { taskType: "b", params: { x: 1 }, priority: 3 },
      ],
      aggregateInto: "collect",
      policy: "all",
      onFailure: null,
    });
  });

  test.each(["all", "settled", "any", { quorum: 1 }, { quorum: 2 }])("policy %o", (policy) => {
    expect(chosen("dispatchParallel", { ...fanOut, policy, aggregateInto: "both", onFailure: "failed" })).toMatchObject(
      {
        policy,
        aggregateInto: "both",
        onFailure: "failed",
      },
    );
  });

  test.each([undefined, "any", { quorum: 3 }])("an empty list is fine under policy %o", (policy) => {
    expect(chosen("dispatchParallel", { tasks: [], aggregateInto: "collect", policy })).toMatchObject({ tasks: [] });
  });

  test.each<[object, string]>([
    [{ tasks: undefined }, "dispatchParallel.tasks must be an array of tasks, got undefined"],
    [{ tasks: { taskType: "a" } }, "dispatchParallel.tasks must be an array of tasks, got an object"],
    [{ tasks: new Array(1) }, "dispatchParallel.tasks[0] must be given an object of options, got undefined"],
    [
      { tasks: [{ taskType: "a" }, { taskType: "" }] },
      'dispatchParallel.tasks[1].taskType must be a string of 1 to 128 characters that doesn\'t begin with "$", got ""',
    ],
    [{ tasks: [{ taskType: "a", transitions: {} }] }, 'dispatchParallel.tasks[0]: unknown option "transitions"'],
    [{ tasks: [{ taskType: "a", params: { f: () => 1 } }] }, "dispatchParallel.tasks[0].params.f is a function"],
    [
      { aggregateInto: "colect" },
      'dispatchParallel.aggregateInto names the unknown state "colect", did you mean "collect"?',
    ],
    [
      { aggregateInto: "end" },
      'dispatchParallel.aggregateInto names the state "end", which has no aggregator: add aggregatorFor',
    ],
    [{ aggregateInto: "failed" }, "dispatchParallel.aggregateInto names the unknown state"],
    [{ aggregateInto: 5 }, "dispatchParallel.aggregateInto must be the name of a state, got 5"],
    [{ onFailure: "nowhere" }, 'dispatchParallel.onFailure names the unknown state "nowhere"'],
    [{ policy: "most" }, 'dispatchParallel.policy must be "all", "settled", "any" or { quorum: n }, got "most"'],
    [{ policy: "setled" }, 'got "setled", did you mean "settled"?'],
    [{ policy: 1 }, 'dispatchParallel.policy must be "all", "settled", "any" or { quorum: n }, got 1'],
    [{ policy: { quorum: 0 } }, "dispatchParallel.policy.quorum must be an integer in 1…2, the number of tasks, got 0"],
    [{ policy: { quorum: 3 } }, "got 3"],
    [{ policy: { quorum: 1.5 } }, "got 1.5"],
    [{ policy: { quorum: "1" } }, 'got "1"'],
    [{ policy: { qourum: 1 } }, 'dispatchParallel.policy: unknown option "qourum", did you mean "quorum"?'],
    [{ agregateInto: "collect" }, 'dispatchParallel: unknown option "agregateInto", did you mean "aggregateInto"?'],
  ])("%o is refused", (part, message) => {
    expect(refused("dispatchParallel", { ...fanOut, ...part })).toContain(message);
  });

  test("a quorum of an empty list must still be a count", () => {
    expect(refused("dispatchParallel", { tasks: [], aggregateInto: "collect", policy: { quorum: 0 } })).toContain(
      "got 0",
    );
  });

  test("a thousand different groups are the most", () => {
    const tasks = Array.from({ length: 1001 }, (_, index) => ({ taskType: `t${index}` }));
    expect(chosen("dispatchParallel", { ...fanOut, tasks: tasks.slice(1) })).toMatchObject({ kind: "fan-out" });
    expect(refused("dispatchParallel", { ...fanOut, tasks })).toContain(
      "dispatchParallel.tasks have more than 1000 different combinations of taskType, resourceRequirements, maxCost and priority",
    );
  });
});

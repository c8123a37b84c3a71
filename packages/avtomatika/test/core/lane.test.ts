import fc from "fast-check";
import { expect, test } from "vitest";
import { strategies, type TaskSpec } from "#core/action";
import { groupTasks, hasTooManyGroups, laneKey, laneOf } from "#core/lane";

const plain: TaskSpec = {
  taskType: "resize",
  params: {},
  priority: null,
  strategy: "default",
  requirements: null,
  maxCost: null,
  timeoutMs: null,
  dispatchTimeoutMs: null,
  retry: null,
};
const defaults = { priority: 0, dispatchTimeoutMs: null };

test("a lane's id is short, and leaves nothing out", () => {
  expect(laneOf(plain)).toEqual({
    id: '["resize"]',
    type: "resize",
    requirements: null,
    maxCost: null,
    strategy: "default",
  });
  expect(laneOf({ ...plain, maxCost: 0 }).id).toBe('["resize",null,0]');
  expect(laneOf({ ...plain, strategy: "cheapest" }).id).toBe('["resize",null,null,"cheapest"]');
  expect(laneOf({ ...plain, requirements: { cpu_cores: 2 } }).id).toBe('["resize",{"cpu_cores":2}]');
});

test("different lanes have different ids", () => {
  const lane = fc.record({
    type: fc.constantFrom("a", "b", '["a"]', "null"),
    requirements: fc.constantFrom(null, { a: 1 }, { a: "1" }),
    maxCost: fc.constantFrom(null, 0, 1.5),
    strategy: fc.constantFrom(...strategies),
  });
  fc.assert(
    fc.property(lane, lane, (a, b) => {
      expect(laneKey(a) === laneKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test("groups by lane, priority and queue timeout, in order, with the job's defaults", () => {
  const tasks: TaskSpec[] = [
    plain,
    { ...plain, priority: 0 },
    { ...plain, priority: 5 },
    { ...plain, dispatchTimeoutMs: 1000 },
    { ...plain, taskType: "other" },
    { ...plain, params: { a: 1 }, timeoutMs: 5, retry: { maxRetries: 0 } },
    { ...plain, requirements: { a: 1 } },
    { ...plain, requirements: { a: 1 } },
    { ...plain, maxCost: 1 },
    { ...plain, strategy: "cheapest" },
  ];
  expect(
    groupTasks(tasks, defaults).map((group) => [group.lane.id, group.priority, group.dispatchTimeoutMs, group.indexes]),
  ).toEqual([
    ['["resize"]', 0, null, [0, 1, 5]],
    ['["resize"]', 5, null, [2]],
    ['["resize"]', 0, 1000, [3]],
    ['["other"]', 0, null, [4]],
    ['["resize",{"a":1}]', 0, null, [6, 7]],
    ['["resize",null,1]', 0, null, [8]],
    ['["resize",null,null,"cheapest"]', 0, null, [9]],
  ]);
  expect(groupTasks(tasks, { priority: 5, dispatchTimeoutMs: 1000 }).map((group) => group.indexes)).toEqual([
    [0, 2, 3, 5],
    [1],
    [4],
    [6, 7],
    [8],
    [9],
  ]);
  expect(groupTasks([], defaults)).toEqual([]);
});

test("a long uniform fan-out is one group", () => {
  const [group, ...others] = groupTasks(new Array<TaskSpec>(10_000).fill(plain), defaults);
  expect(group?.indexes.length).toBe(10_000);
  expect(others).toEqual([]);
});

test("a thousand different combinations are the most", () => {
  const tasks = Array.from({ length: 1000 }, (_, index) => ({ ...plain, taskType: `t${index}` }));
  expect(hasTooManyGroups([...tasks, ...tasks])).toBe(false);
  expect(hasTooManyGroups([...tasks, { ...plain, taskType: "t0", dispatchTimeoutMs: 7, strategy: "cheapest" }])).toBe(
    false,
  );
  for (const other of [{ taskType: "t1000" }, { requirements: { a: 1 } }, { maxCost: 1 }, { priority: 1 }]) {
    expect(hasTooManyGroups([...tasks, { ...plain, taskType: "t0", ...other }])).toBe(true);
  }
  expect(hasTooManyGroups(new Array<TaskSpec>(5000).fill(plain))).toBe(false);
  expect(hasTooManyGroups([])).toBe(false);
});

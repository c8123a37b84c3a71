import { describe, expect, test } from "vitest";
import { define, fanOut, now, ran, type StepOptions, spec } from "./one-step.ts";

const single = (changes: Parameters<typeof spec>[0] = {}, options: StepOptions = {}) =>
  ran({ action: { kind: "task", task: spec(changes), transitions: { success: "end", failure: "rescue" } } }, options);

describe("dispatchTask", () => {
  test("waits for a worker by a join of one, without a limit of its own", () => {
    const commit = single();
    expect(commit).toMatchObject({ status: "waiting_for_worker", next: "wait", wait: 1, due: null, state: "start" });
    expect(commit.join).toMatchObject({ wait: 1, total: 1, need: 1, allowed: 0, groups: [], graceMs: 30_000 });
    expect(commit.join?.trace).toEqual({ traceparent: "00-1" });
    const transitions = { success: "end", failure: "rescue" };
    expect(commit.head.waiting).toEqual({ kind: "worker", taskType: "resize", transitions, since: now, until: null });
  });

  test("the task takes from the job and the configuration what it doesn't say", () => {
    const options = { initial: { dispatchTimeoutMs: 40_000, resultTimeoutMs: 90_000 } };
    expect(single({}, options).join?.single?.item).toEqual({
      index: 0,
      params: { size: 3 },
      priority: 7,
      timeoutMs: 300_000,
      dispatchTimeoutMs: 40_000,
      resultDue: now + 90_000,
      retry: { maxRetries: 3, delayMs: 1000, maxDelayMs: 60_000, factor: 2 },
      declared: ["success", "failure"],
    });
    expect(single().join?.single?.item).toMatchObject({ dispatchTimeoutMs: null, resultDue: null });
  });

  test("the task's own wins", () => {
    const own = { priority: -3, timeoutMs: 5, dispatchTimeoutMs: 6, retry: { maxRetries: 0, delayMs: 9 } };
    const { join } = single(own, { initial: { dispatchTimeoutMs: 40_000 } });
    const retry = { maxRetries: 0, delayMs: 9, maxDelayMs: 60_000, factor: 2 };
    expect(join?.single?.item).toMatchObject({ ...own, retry });
  });

  test("tasks that may be taken by the same workers wait in one lane", () => {
    expect(single().join?.single?.lane.id).toBe('["resize"]');
    expect(single({ maxCost: 2, requirements: { cpu_cores: 4 }, strategy: "cheapest" }).join?.single?.lane).toEqual({
      id: '["resize",{"cpu_cores":4},2,"cheapest"]',
      type: "resize",
      requirements: { cpu_cores: 4 },
      maxCost: 2,
      strategy: "cheapest",
    });
  });
});

describe("dispatchParallel", () => {
  test("all branches are in the one commit, grouped by lane, priority and queue timeout, numbered from 0", () => {
    const tasks = [spec(), spec({ taskType: "cut" }), spec({ params: { size: 9 } }), spec({ priority: 1 })];
    const options = { initial: { dispatchTimeoutMs: 4000, resultTimeoutMs: 9000 } };
    const { join, status, head } = ran({ action: fanOut({ tasks, onFailure: "rescue" }) }, options);
    expect(status).toBe("waiting_for_parallel_tasks");
    const kept = { total: 4, policy: "all", aggregateInto: "collect", onFailure: "rescue", since: now, until: null };
    expect(head.waiting).toEqual({ kind: "branches", ...kept });
    expect(join).toMatchObject({ single: null, total: 4 });
    const groups = join?.groups.map(({ lane, priority, count, items }) => [
      lane.type,
      priority,
      count,
      items?.map((item) => item.index),
    ]);
    expect(groups).toEqual([
      ["resize", 7, 2, [0, 2]],
      ["cut", 7, 1, [1]],
      ["resize", 1, 1, [3]],
    ]);
    for (const group of join?.groups ?? [])
      expect(group).toMatchObject({ dispatchTimeoutMs: 4000, resultDue: now + 9000 });
    expect(join?.groups[0]?.items?.[1]).toMatchObject({ params: { size: 9 }, declared: [], resultDue: now + 9000 });
    expect(ran({ action: fanOut() }).join?.groups[0]?.resultDue).toBeNull();
  });

  test.each([
    ["all", 3, 0],
    ["any", 1, 2],
    [{ quorum: 2 }, 2, 1],
    ["settled", 4, 3],
  ] as const)("under %o it takes %i successes, and stands %i failures", (policy, need, allowed) => {
    const tasks = [spec(), spec(), spec()];
    expect(ran({ action: fanOut({ tasks, policy }) }).join).toMatchObject({ total: 3, need, allowed });
  });

  test.each(["all", "any", "settled", { quorum: 2 }] as const)(
    "an empty list runs the aggregator at once with no results, under %o",
    (policy) => {
      const commit = ran({ action: fanOut({ tasks: [], policy }) }, { head: { results: 3 } });
      expect(commit).toMatchObject({ next: "keep", status: "running", state: "collect", join: null, wait: null });
      expect(commit.head).toMatchObject({ entry: "aggregator", results: null, visit: 2 });
    },
  );

  test("entering the aggregator of an empty list counts as a visit", () => {
    const commit = ran({ action: fanOut({ tasks: [] }) }, { definition: define({ maxTransitions: 1 }) });
    expect(commit).toMatchObject({ status: "failed", next: "ended" });
  });
});

describe("runBlueprint", () => {
  const child = (blueprintName: string) =>
    ran(
      { action: { kind: "child", blueprintName, initialData: { for: "kid" }, transitions: { success: "end" } } },
      { initial: { dispatchTimeoutMs: 5, resultTimeoutMs: 6, parentWait: 8 }, head: { children: ["first"], waits: 2 } },
    );

  test("the child is in the commit that makes its parent wait for it", () => {
    const commit = child("other");
    expect(commit).toMatchObject({ status: "waiting_for_sub_job", next: "wait", wait: 3, due: null });
    const transitions = { success: "end" };
    expect(commit.head.waiting).toEqual({ kind: "child", jobId: "child-id", transitions, since: now, until: null });
    expect(commit.head.children).toEqual(["first", "child-id"]);
  });

  test("it inherits owner, trace, priority and metadata, not the timeouts, and its data is still to be checked", () => {
    const { children } = child("other");
    expect(children).toEqual([
      {
        id: "child-id",
        blueprint: "other",
        owner: "client",
        parentId: expect.any(String),
        priority: 7,
        state: "begin",
        watched: false,
        initial: {
          data: { for: "kid" },
          client: { id: "client", plan: "pro", params: { tier: 1 } },
          metadata: { note: "m" },
          trace: { traceparent: "00-1" },
          parentWait: 3,
          dispatchTimeoutMs: null,
          resultTimeoutMs: null,
          unchecked: true,
        },
      },
    ]);
  });

  test("of an unknown blueprint it is created all the same, to wait for an engine that knows it", () => {
    expect(child("stranger").children[0]).toMatchObject({ blueprint: "stranger", state: "" });
  });
});

import { describe, expect, test } from "vitest";
import type { JobEvent } from "#core/job";
import type { TaskEnd } from "#core/task";
import { committed, failure, jobId, now, open, running, type StepOptions, taskEnd, woken } from "./one-step.ts";

/** A job that waits for a worker with these transitions, and whose task ended. */
function ended(transitions: Record<string, string>, end: Partial<TaskEnd>, options: StepOptions = {}): StepOptions {
  const event: JobEvent = { id: "join", wait: 1, kind: "task", end: taskEnd(end) };
  return woken<"worker">({ kind: "worker", taskType: "resize", transitions }, event, options);
}
const all = { success: "end", failure: "rescue", timeout: "work" };

describe("a result's status names the next state", () => {
  test("its data is merged into stateHistory, later values replacing earlier ones whole", () => {
    const { draft } = running(
      ended(all, { data: { path: "/b", list: [2] } }, { data: { path: "/a", kept: 1, list: [1] } }),
    );
    expect(draft.job.state).toBe("end");
    expect(draft.data).toEqual({ path: "/b", kept: 1, list: [2] });
  });

  test("data that is no object is not merged", () => {
    expect(running(ended(all, { data: [1] }, { data: { kept: 1 } })).draft.data).toEqual({ kept: 1 });
  });

  test("the new state's first run is attempt 1 of a new visit", () => {
    const step = running(ended(all, {}));
    expect([step.attempt, step.draft.job.head.visit, step.draft.job.head.waiting]).toEqual([1, 2, null]);
  });

  test("custom statuses have their transitions, and so has a cancelled that is declared", () => {
    expect(running(ended({ needs_review: "work" }, { status: "needs_review" })).state.name).toBe("work");
    expect(running(ended({ cancelled: "work" }, { status: "cancelled" })).state.name).toBe("work");
  });

  test.each(["needs_review", "constructor", "__proto__"])(
    "the unlisted status %s enters the state failed",
    (status) => {
      const commit = committed(ended(all, { status, data: { got: 1 } }));
      expect(commit).toMatchObject({ status: "failed", state: "failed", data: { got: 1 } });
      expect(commit.head.errorMessage).toBe(`the worker answered status "${status}", which transitions don't list`);
    },
  );
});

describe("a failure for good", () => {
  test.each([
    ["a transition keyed by the very code wins", "PERMANENT_ERROR", { ...all, PERMANENT_ERROR: "bad" }, "bad"],
    [
      "a transition keyed by INVALID_INPUT_ERROR wins",
      "INVALID_INPUT_ERROR",
      { ...all, INVALID_INPUT_ERROR: "bad" },
      "bad",
    ],
    ["a transition keyed by TIMEOUT_ERROR wins over timeout", "TIMEOUT_ERROR", { ...all, TIMEOUT_ERROR: "bad" }, "bad"],
    ["TIMEOUT_ERROR takes timeout", "TIMEOUT_ERROR", all, "work"],
    ["TIMEOUT_ERROR without timeout takes failure", "TIMEOUT_ERROR", { failure: "rescue" }, "rescue"],
    ["DISPATCH_TIMEOUT_ERROR takes timeout", "DISPATCH_TIMEOUT_ERROR", all, "work"],
    ["DISPATCH_TIMEOUT_ERROR without timeout takes failure", "DISPATCH_TIMEOUT_ERROR", { failure: "rescue" }, "rescue"],
    ["WORKER_LOST_ERROR takes failure", "WORKER_LOST_ERROR", all, "rescue"],
    ["TRANSIENT_ERROR takes failure", "TRANSIENT_ERROR", all, "rescue"],
    ["an unknown code takes failure", "ODD_ERROR", all, "rescue"],
  ])("%s", (_rule, code, transitions, state) => {
    const step = running(ended(transitions, { ...failure(code), taskType: null, data: { lost: 1 } }));
    expect(step.state.name).toBe(state);
    const error = { code, message: "no luck", task_type: "resize", task_id: `${jobId}_1_0_2`, attempt: 2 };
    expect(step.draft.data).toEqual({ task_error: error });
  });

  test.each([
    ["PERMANENT_ERROR quarantines at once, whatever is declared", "PERMANENT_ERROR", all, "quarantined"],
    ["INVALID_INPUT_ERROR fails the job, whatever is declared", "INVALID_INPUT_ERROR", all, "failed"],
    ["an undeclared dispatch timeout fails the job", "DISPATCH_TIMEOUT_ERROR", { success: "end" }, "failed"],
    ["an undeclared timeout quarantines", "TIMEOUT_ERROR", { success: "end" }, "quarantined"],
    ["an undeclared failure quarantines", "TRANSIENT_ERROR", { timeout: "work" }, "quarantined"],
    ["an undeclared loss of the worker quarantines", "WORKER_LOST_ERROR", {}, "quarantined"],
  ])("%s", (_rule, code, transitions, status) => {
    const commit = committed(ended(transitions, failure(code)));
    expect(commit).toMatchObject({ status, state: "start", endedAt: now, data: null });
    expect(commit.head.errorMessage).toBe(`task resize failed after 2 attempt(s) with ${code}: no luck`);
  });

  test("the end without a handler is no run of the visit", () => {
    expect(committed(ended({}, failure("PERMANENT_ERROR"))).head.tries).toBe(1);
  });
});

describe("a fan-out's end", () => {
  function joined(success: boolean, onFailure: string | null, options: StepOptions = {}): StepOptions {
    const decisive = taskEnd(success ? {} : failure("PERMANENT_ERROR"));
    const event: JobEvent = { id: "join", wait: 5, kind: "join", success, decisive };
    const waiting = { kind: "branches", total: 3, policy: "all", aggregateInto: "collect", onFailure } as const;
    return woken<"branches">(waiting, event, options);
  }

  test("a success enters the aggregator with the results of its wait, and merges nothing", () => {
    const { draft } = running(joined(true, "rescue"));
    expect(draft.job).toMatchObject({ state: "collect", head: { entry: "aggregator", results: 5 } });
    expect(draft.data).toEqual({});
  });

  test("a failure goes to onFailure, whose handler sees the results so far and the deciding error", () => {
    const { draft } = running(joined(false, "rescue"));
    expect(draft.job).toMatchObject({ state: "rescue", head: { entry: "handler", results: 5 } });
    expect(draft.data["task_error"]).toMatchObject({ code: "PERMANENT_ERROR", attempt: 2, task_type: "resize" });
  });

  test("without onFailure the job ends as the deciding branch's error would end a single task's", () => {
    expect(committed(joined(false, null))).toMatchObject({ status: "quarantined", state: "start" });
  });

  test("an aggregator that is run again gets the same results", () => {
    const waiting = { kind: "retry", attempt: 2, errorMessage: "boom", since: now, until: now } as const;
    const event: JobEvent = { id: "due", wait: 6, kind: "due" };
    const head = { entry: "aggregator", results: 5, waiting, tries: 1 } as const;
    const step = open({ job: { state: "collect", event }, head });
    expect(step).toMatchObject({
      kind: "run",
      attempt: 2,
      draft: { job: { head: { entry: "aggregator", results: 5 } } },
    });
  });
});

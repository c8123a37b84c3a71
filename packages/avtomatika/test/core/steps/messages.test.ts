import { describe, expect, test } from "vitest";
import type { ChildEnd, JobEvent } from "#core/job";
import type { Json } from "#core/json";
import { defaultSettings } from "#core/settings";
import { committed, now, running, type StepOptions, woken } from "./one-step.ts";

describe("a child's end", () => {
  const end: ChildEnd = { jobId: "kid", outcome: "success", finalState: "done", result: { a: 1 }, errorMessage: null };
  function back(transitions: Record<string, string>, changes: Partial<ChildEnd>): StepOptions {
    const event: JobEvent = { id: "child:kid", wait: 2, kind: "child", end: { ...end, ...changes } };
    return woken<"child">({ kind: "child", jobId: "kid", transitions }, event);
  }
  const failed = { outcome: "failure", errorMessage: "it broke" } as const;

  test("resumes the parent along success or failure, with the child's result under both names", () => {
    const step = running(back({ success: "end", failure: "rescue" }, {}));
    const result = { job_id: "kid", outcome: "success", final_state: "done", result: { a: 1 }, error_message: null };
    expect(step.state.name).toBe("end");
    expect(step.draft.data).toEqual({ sub_job_kid_result: result, sub_job_result: result });
    expect(running(back({ success: "end", failure: "rescue" }, failed)).state.name).toBe("rescue");
  });

  test("the latest result is a copy: changing it leaves the other one", () => {
    const { data } = running(back({ success: "end" }, {})).draft;
    (data["sub_job_result"] as Record<string, Json>)["result"] = "changed";
    expect(data["sub_job_kid_result"]).toMatchObject({ result: { a: 1 } });
  });

  test.each([
    ["failure", failed, "the child ended as a failure, which transitions don't list: it broke"],
    ["success", {}, "the child ended as a success, which transitions don't list: done"],
  ])("an undeclared %s enters the state failed, with the reason", (_outcome, changes, message) => {
    const commit = committed(back({}, changes));
    expect(commit).toMatchObject({ status: "failed", state: "failed" });
    expect(commit.head.errorMessage).toBe(message);
  });
});

describe("an approval", () => {
  const wait = {
    kind: "human",
    integration: "desk",
    message: "well?",
    token: "t",
    transitions: { yes: "end" },
  } as const;

  test("a decision leads to its state and stands in stateHistory.approval", () => {
    const said = { decision: "yes", comment: "fine", metadata: { by: "phone" }, decidedBy: "client", at: now - 7 };
    const event: JobEvent = { id: "d", wait: 1, kind: "decision", ...said };
    const step = running(woken<"human">({ ...wait, timeoutState: null }, event));
    expect(step.state.name).toBe("end");
    const { at: _at, decidedBy: _by, ...kept } = said;
    const approval = { ...kept, decided_by: "client", decided_at: "2029-12-31T23:59:59.993Z" };
    expect(step.draft.data).toEqual({ approval });
    // The token is dead with its wait, and no trace of it is left.
    expect(JSON.stringify(step.draft.job)).not.toContain('"token"');
  });

  const over: JobEvent = { id: "due", wait: 1, kind: "due" };
  test("without timeoutState a timeout fails the job where it stands", () => {
    const commit = committed(woken<"human">({ ...wait, timeoutState: null, until: now }, over));
    expect(commit).toMatchObject({ status: "failed", state: "start", endedAt: now });
    expect(commit.head.errorMessage).toBe("nobody decided within 10 s");
  });

  test("with one it goes there and says so in task_error", () => {
    const { draft, state } = running(woken<"human">({ ...wait, timeoutState: "rescue", until: now }, over));
    expect(state.name).toBe("rescue");
    const error = { code: "TIMEOUT_ERROR", message: "nobody decided within 10 s" };
    expect(draft.data["task_error"]).toEqual({ ...error, task_type: null, task_id: null, attempt: null });
  });
});

describe("a timer", () => {
  const due: JobEvent = { id: "due", wait: 1, kind: "due" };

  test("a sleep goes on to its next state", () => {
    expect(running(woken<"timer">({ kind: "timer", nextState: "end", until: now }, due)).state.name).toBe("end");
  });

  test("the pause before a retry is followed by another run of the same visit", () => {
    const waiting = { kind: "retry", attempt: 2, errorMessage: "boom", until: now } as const;
    const step = running(woken<"retry">(waiting, due, { head: { failures: 1 } }));
    expect([step.state.name, step.attempt, step.draft.job.head.failures]).toEqual(["start", 2, 1]);
  });
});

describe("an operator's order", () => {
  function ordered(state: string | null, patch?: Json, options: StepOptions = {}): StepOptions {
    const event: JobEvent = { id: "o", wait: 9, kind: "requeue", state, patch };
    const ended = { endedAt: now - 5, status: "quarantined" } as const;
    const used = { visit: 3, tries: 4, failures: 4, lost: 9, errorMessage: "boom", result: { value: 1 } };
    return woken<"operator">({ kind: "operator" }, event, {
      ...options,
      job: { ...ended, ...options.job },
      head: { ...used, ...options.head },
    });
  }

  test.each([
    ["no state", null],
    ["the current state", "start"],
  ])("a requeue with %s continues the visit with new budgets, and clears the end", (_what, state) => {
    const commit = committed(ordered(state));
    expect(commit).toMatchObject({
      next: "keep",
      status: "running",
      state: "start",
      visit: 3,
      endedAt: null,
      wait: null,
    });
    const fresh = { visit: 3, tries: 4, failures: 0, lost: 0, errorMessage: null, result: null, waiting: null };
    expect(commit.head).toMatchObject(fresh);
  });

  test("a requeue with another state is a new visit", () => {
    const commit = committed(ordered("work"));
    expect(commit).toMatchObject({ next: "keep", state: "work", visit: 4, endedAt: null });
    expect(commit.head).toMatchObject({ tries: 0, failures: 0 });
  });

  test("an aggregator that is requeued stays one, with its results", () => {
    const commit = committed(
      ordered(null, undefined, { job: { state: "collect" }, head: { entry: "aggregator", results: 2 } }),
    );
    expect(commit.head).toMatchObject({ entry: "aggregator", results: 2 });
  });

  test.each<[string, Json | undefined, object]>([
    ["merges deep and removes by null", { a: { b: 2 }, gone: null }, { a: { b: 2, c: 1 } }],
    ["that is missing changes nothing", undefined, { a: { c: 1 }, gone: 1 }],
    ["that would leave no object changes nothing", [1], { a: { c: 1 }, gone: 1 }],
  ])("a patch %s", (_what, patch, data) => {
    const commit = committed(ordered(null, patch, { data: { a: { c: 1 }, gone: 1 } }));
    expect(commit.data ?? { a: { c: 1 }, gone: 1 }).toEqual(data);
  });

  test("a parent that was resumed is told nothing when the job ends again", () => {
    const child = { job: { parentId: "mum", state: "finished" }, initial: { parentWait: 4 } };
    expect(committed(child).notify).toMatchObject({ jobId: "mum" });
    expect(committed({ ...child, head: { parentTold: true } }).notify).toBeNull();
  });

  test("a discard keeps the status and stays for the retention", () => {
    const commit = committed(
      woken<"operator">(
        { kind: "operator" },
        { id: "o", wait: 9, kind: "discard" },
        {
          job: { status: "quarantined", endedAt: now - 5 },
        },
      ),
    );
    expect(commit).toMatchObject({ status: "quarantined", next: "ended", wait: null, endedAt: now - 5 });
    expect(commit.due).toBe(now + defaultSettings.retentionMs);
    expect(commit.head.discardedAt).toBe(now);
  });
});

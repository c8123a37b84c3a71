import { describe, expect, test } from "vitest";
import { needsTask, type Report, settleFailure, settleSuccess } from "#core/settle";
import { reputation, standingOf } from "#core/standing";
import type { TaskItem } from "#core/task";
import { jobId, now } from "./one-step.ts";
import { task } from "./one-task.ts";

const report = (status: string, code?: string): Report => ({
  status,
  data: { got: 1 },
  error: code === undefined ? null : { code, message: "no luck" },
});
const judge = (said: Report, item: Partial<TaskItem> = {}, attempt = 1, random = 0.5) =>
  settleFailure(task({ attempt }, item), "resize", said, now, random);

test("anything but a failure and a cancelled is a success, and needs nothing but the task's id", () => {
  expect(["success", "needs_review", "failure", "cancelled"].map((status) => needsTask(report(status)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  const settled = settleSuccess({ jobId, wait: 1, index: 2, attempt: 3 }, report("needs_review"));
  expect(settled).toEqual({
    kind: "done",
    ok: true,
    answer: "success",
    end: {
      taskId: `${jobId}_1_2_3`,
      firstTaskId: `${jobId}_1_2_1`,
      taskType: null,
      index: 2,
      attempt: 3,
      status: "needs_review",
      data: { got: 1 },
      error: null,
      workerId: null,
    },
  });
});

describe("a failure", () => {
  test.each(["TRANSIENT_ERROR", "TIMEOUT_ERROR", "WORKER_LOST_ERROR", "ODD_ERROR"])(
    "with %s is retried as a new attempt with backoff and full jitter",
    (code) => {
      expect(judge(report("failure", code))).toMatchObject({ kind: "retry", at: now + 500, answer: "failure" });
      expect(judge(report("failure", code), {}, 3, 0.25)).toMatchObject({ kind: "retry", at: now + 1000 });
    },
  );

  test("without a code is transient", () => {
    const settled = judge(report("failure"));
    expect(settled).toMatchObject({ kind: "retry" });
    expect(settled.end.error).toEqual({ code: "TRANSIENT_ERROR", message: "no message" });
    expect(judge(report("failure"), { declared: ["TRANSIENT_ERROR"] }).kind).toBe("done");
  });

  test.each(["PERMANENT_ERROR", "INVALID_INPUT_ERROR", "DISPATCH_TIMEOUT_ERROR"])("with %s is final", (code) => {
    expect(judge(report("failure", code))).toMatchObject({ kind: "done", ok: false, answer: "failure" });
  });

  test("for whose very code a transition is declared is not retried", () => {
    expect(judge(report("failure", "ODD_ERROR"), { declared: ["ODD_ERROR"] })).toMatchObject({
      kind: "done",
      ok: false,
    });
    expect(judge(report("failure", "ODD_ERROR"), { declared: ["failure"] }).kind).toBe("retry");
  });

  test("maxRetries 0 is one attempt, 3 are four", () => {
    const retry = { maxRetries: 0, delayMs: 1000, maxDelayMs: 60_000, factor: 2 };
    expect(judge(report("failure"), { retry }).kind).toBe("done");
    expect([3, 4].map((attempt) => judge(report("failure"), {}, attempt).kind)).toEqual(["retry", "done"]);
  });

  test("after the result timeout is not retried", () => {
    expect(judge(report("failure"), { resultDue: now + 1 }).kind).toBe("retry");
    expect(judge(report("failure"), { resultDue: now }).kind).toBe("done");
  });
});

describe("a cancelled that nobody asked for", () => {
  test("takes the cancelled transition if it is declared", () => {
    const settled = judge(report("cancelled"), { declared: ["cancelled"] });
    expect(settled).toMatchObject({ kind: "done", ok: true, answer: "cancelled", end: { status: "cancelled" } });
  });

  test("is a transient failure otherwise, whatever error or data it brings", () => {
    const settled = judge(report("cancelled", "PERMANENT_ERROR"));
    expect(settled).toMatchObject({ kind: "retry", answer: "cancelled", end: { status: "failure", data: null } });
    expect(settled.end.error?.code).toBe("TRANSIENT_ERROR");
    expect(judge(report("cancelled"), {}, 4)).toMatchObject({ kind: "done", ok: false });
  });
});

test("a worker's standing counts successes and failures, not what was cancelled and not bad input", () => {
  const error = { code: "INVALID_INPUT_ERROR", message: "" };
  const lost = { code: "WORKER_LOST_ERROR", message: "" };
  expect(standingOf({ status: "success", error: null })).toBe(1);
  expect(standingOf({ status: "needs_review", error: null })).toBe(1);
  expect(standingOf({ status: "failure", error: lost })).toBe(0);
  expect(standingOf({ status: "failure", error })).toBeNull();
  expect(standingOf({ status: "cancelled", error: null })).toBeNull();
  expect([reputation(0, 0), reputation(10, 0), reputation(10, 10)]).toEqual([1, 0.5, 1]);
});

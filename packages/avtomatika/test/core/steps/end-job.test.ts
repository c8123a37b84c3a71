import { expect, test } from "vitest";
import { jobResult } from "#core/end-job";
import { freshHead } from "#core/job";
import { committed, now, ran, type StepOptions, threw } from "./one-step.ts";

const child: StepOptions = { job: { parentId: "mum" }, initial: { parentWait: 4 }, data: { a: 1 } };

test.each([
  ["finished", () => ran({ action: { kind: "finish", result: 7 } }, child), "success", 7, null],
  [
    "finished without a value",
    () => ran({ action: { kind: "finish", result: undefined } }, child),
    "success",
    { a: 1 },
    null,
  ],
  ["failed", () => ran({ action: { kind: "fail", reason: "no" } }, child), "failure", null, "no"],
  ["quarantined", () => threw("boom", true, child), "failure", null, 'state "start" failed: boom'],
  [
    "cancelled",
    () => committed({ ...child, job: { parentId: "mum", cancel: { id: "c", at: now } } }),
    "failure",
    null,
    "the job was cancelled",
  ],
] as const)(
  "a child that is %s resumes its parent once, with its outcome",
  (_end, step, outcome, result, errorMessage) => {
    const { notify, head } = step();
    const end = { jobId: expect.any(String), outcome, finalState: "start", result, errorMessage };
    expect(notify).toEqual({
      jobId: "mum",
      event: { id: expect.stringMatching(/^child:/), wait: 4, kind: "child", end },
    });
    expect(head.parentTold).toBe(true);
  },
);

test("a job without a parent tells nobody", () => {
  expect(ran({ action: { kind: "finish", result: 7 } }).notify).toBeNull();
  expect(ran({ action: { kind: "finish", result: 7 } }, { job: { parentId: "mum" } }).notify).toBeNull();
});

test("a quarantined job has ended for its client but stays until an operator acts: no retention runs", () => {
  const commit = threw("boom", true);
  expect(commit).toMatchObject({ endedAt: now, next: "wait", due: null, wait: 1 });
  expect(commit.head.waiting?.kind).toBe("operator");
});

test("only a job that finished has stateHistory as its result", () => {
  for (const status of ["failed", "cancelled", "quarantined", "running"])
    expect(jobResult(status, freshHead(), { a: 1 })).toBeNull();
  expect(jobResult("finished", freshHead(), { a: 1 })).toEqual({ a: 1 });
  expect(jobResult("failed", { ...freshHead(), result: { value: 0 } }, { a: 1 })).toBe(0);
});

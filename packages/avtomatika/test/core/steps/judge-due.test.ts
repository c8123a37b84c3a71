import { describe, expect, test } from "vitest";
import { type DueWorld, judgeDue } from "#core/judge-due";
import { defaultSettings } from "#core/settings";
import type { TaskItem, TaskRecord } from "#core/task";
import { now } from "./one-step.ts";
import { task } from "./one-task.ts";

const judge = (changes: Partial<TaskRecord>, world: Partial<DueWorld> = {}, item: Partial<TaskItem> = {}) =>
  judgeDue(task(changes, item), "resize", {
    now,
    random: 0.5,
    settings: defaultSettings,
    outages: [],
    lastSeen: now - 1000,
    ...world,
  });
const retried = (code: string) => ({ kind: "retry", at: now + 500, end: { status: "failure", error: { code } } });
const final = (code: string) => ({ kind: "done", ok: false, end: { error: { code } } });

test("a cancelled task that its worker never answered is dropped when the grace is over", () => {
  expect(judge({ state: "revoked" })).toEqual({ kind: "drop" });
});

describe("a queued task", () => {
  const queued: Partial<TaskRecord> = { state: "queued", worker: null, claim: null, deadline: null, leasedAt: null };

  test("is withdrawn without retry when dispatchTimeoutSeconds are over", () => {
    const verdict = judge(queued, {}, { dispatchTimeoutMs: 8000 });
    expect(verdict).toMatchObject(final("DISPATCH_TIMEOUT_ERROR"));
    expect(verdict).toMatchObject({
      end: { taskType: "resize", error: { message: "no worker took the task within 8 s" } },
    });
  });

  test("waits on before that, until the earlier of queue and result timeout", () => {
    expect(judge(queued, {}, { dispatchTimeoutMs: 9000 })).toEqual({ kind: "extend", due: now + 1000 });
    const both = { dispatchTimeoutMs: 9000, resultDue: now + 400 };
    expect(judge(queued, {}, both)).toEqual({ kind: "extend", due: now + 400 });
    expect(judge(queued, {}, { resultDue: now + 400 })).toEqual({ kind: "extend", due: now + 400 });
  });

  test.each(["queued", "delayed"] as const)(
    "that is %s ends with TIMEOUT_ERROR when its result timeout is over",
    (state) => {
      const verdict = judge({ ...queued, state }, {}, { resultDue: now, dispatchTimeoutMs: 1 });
      expect(verdict).toMatchObject(final("TIMEOUT_ERROR"));
    },
  );

  test("is not spared by an outage: dispatch timeouts go on time", () => {
    const outages = [{ from: now - 9000, to: now }];
    expect(judge(queued, { outages }, { dispatchTimeoutMs: 8000 })).toMatchObject(final("DISPATCH_TIMEOUT_ERROR"));
  });
});

describe("a lease", () => {
  test("ends at its deadline with TIMEOUT_ERROR, and another attempt follows", () => {
    expect(judge({ deadline: now })).toMatchObject(retried("TIMEOUT_ERROR"));
    expect(judge({ deadline: now + 1 })).toEqual({ kind: "extend", due: now + 1 });
  });

  test("that ended by the result timeout is not followed by another attempt", () => {
    expect(judge({ deadline: now }, {}, { resultDue: now })).toMatchObject(final("TIMEOUT_ERROR"));
  });

  test("ends with WORKER_LOST_ERROR when nothing was heard of its worker for the liveness window", () => {
    const old = { leasedAt: now - 500_000, deadline: now + 500_000 };
    const verdict = judge(old, { lastSeen: now - 120_000 });
    expect(verdict).toMatchObject(retried("WORKER_LOST_ERROR"));
    expect(verdict).toMatchObject({ end: { error: { message: "nothing was heard of worker w for 120 s" } } });
    expect(judge(old, { lastSeen: now - 119_000 })).toEqual({ kind: "extend", due: now + 1000 });
    expect(judge(old, { lastSeen: null })).toMatchObject(retried("WORKER_LOST_ERROR"));
  });

  test("counts the hand-out itself as a sign of its worker", () => {
    const young = { leasedAt: now - 4000, deadline: now + 500_000 };
    expect(judge(young, { lastSeen: null })).toEqual({ kind: "extend", due: now + 116_000 });
  });

  test("that ran out in an outage is judged a grace after the return", () => {
    const outages = [{ from: now - 60_000, to: now - 5000 }];
    for (const deadline of [now - 60_000, now - 5000])
      expect(judge({ deadline }, { outages })).toEqual({ kind: "extend", due: now + 25_000 });
    expect(judge({ deadline: now - 60_000 }, { outages: [{ from: now - 90_000, to: now - 30_000 }] })).toMatchObject(
      retried("TIMEOUT_ERROR"),
    );
  });

  test("that ran out before or after an outage is judged on time", () => {
    const outages = [{ from: now - 60_000, to: now - 5000 }];
    for (const deadline of [now - 60_001, now - 4999])
      expect(judge({ deadline }, { outages })).toMatchObject(retried("TIMEOUT_ERROR"));
  });

  test("of a worker that fell silent in an outage is spared too", () => {
    const outages = [{ from: now - 200_000, to: now }];
    const old = { leasedAt: now - 500_000, deadline: now + 500_000 };
    expect(judge(old, { outages, lastSeen: now - 201_000 })).toEqual({ kind: "extend", due: now + 30_000 });
  });
});

describe("an offer", () => {
  const offered: Partial<TaskRecord> = { state: "offered", leasedAt: now - 10_000 };

  test("that its engine didn't confirm within 10 s goes back to its queue", () => {
    expect(judge(offered)).toEqual({ kind: "return" });
    expect(judge({ ...offered, leasedAt: now - 9000 })).toEqual({ kind: "extend", due: now + 1000 });
    expect(judge({ ...offered, leasedAt: now - 9000, deadline: now + 7 })).toEqual({ kind: "extend", due: now + 7 });
  });

  test("counts as WORKER_LOST_ERROR when it is the fifth unconfirmed one of an attempt", () => {
    expect(judge({ ...offered, unconfirmed: 3 })).toEqual({ kind: "return" });
    const verdict = judge({ ...offered, unconfirmed: 4 });
    expect(verdict).toMatchObject(retried("WORKER_LOST_ERROR"));
    expect(verdict).toMatchObject({ end: { error: { message: "5 hand-outs of this attempt were not confirmed" } } });
  });

  test("is not spared by an outage, in which its lease may have run out as well: offers go on time", () => {
    const outages = [{ from: now - 60_000, to: now }];
    expect(judge({ ...offered, leasedAt: now - 50_000, deadline: now - 20_000 }, { outages })).toEqual({
      kind: "return",
    });
  });

  test("whose deadline is over ends with TIMEOUT_ERROR", () => {
    expect(judge({ ...offered, leasedAt: now - 2000, deadline: now })).toMatchObject(retried("TIMEOUT_ERROR"));
  });
});

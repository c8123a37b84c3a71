import { expect, test } from "vitest";
import { lostRunDelay } from "#core/retry";
import { defaultSettings } from "#core/settings";
import { committed, define, jobId, now, open, ran, running, threw } from "./one-step.ts";

test("the handler of the job's state runs, as attempt 1 of its visit", () => {
  const step = running({ job: { status: "pending" } });
  expect([step.state.name, step.attempt, step.draft.job.status]).toEqual(["start", 1, "running"]);
});

test("attempt counts the runs of the visit: committed ones and lost ones", () => {
  expect(running({ head: { tries: 2 } }).attempt).toBe(3);
  expect(running({ job: { runs: 2 } }).attempt).toBe(2);
});

test("a cancelled job ends cancelled without its handler, whatever message woke it", () => {
  const cancel = { id: "c", at: now - 5 };
  const commit = committed({ job: { cancel, event: { id: "e", wait: 1, kind: "due" } } });
  expect(commit).toMatchObject({ status: "cancelled", state: "start", next: "ended", cancelSeen: true, endedAt: now });
  expect(commit.head).toMatchObject({ errorMessage: "the job was cancelled", result: null, waiting: null });
  expect(commit.due).toBe(now + defaultSettings.retentionMs);
});

test("cancelling a parent cancels the child it waits for, and nothing where it waits for none", () => {
  const cancel = { id: "c", at: now };
  const waiting = { kind: "child", jobId: "kid", transitions: {}, since: now, until: null } as const;
  expect(committed({ job: { cancel }, head: { waiting } }).cancelJobs).toEqual(["kid"]);
  const asleep = { kind: "timer", nextState: "end", since: now, until: now } as const;
  expect(committed({ job: { cancel }, head: { waiting: asleep } }).cancelJobs).toEqual([]);
});

test("a cancel needs no knowledge of the job's blueprint", () => {
  expect(committed({ definition: undefined, job: { cancel: { id: "c", at: now } } }).status).toBe("cancelled");
});

test.each([
  ["finished", "finished", null],
  ["failed", "failed", 'the job entered the state "failed"'],
] as const)("the built-in state %s ends the job without a handler", (state, status, errorMessage) => {
  const commit = committed({ job: { state } });
  expect(commit).toMatchObject({ status, state, next: "ended", endedAt: now });
  expect(commit.head.errorMessage).toBe(errorMessage);
});

test("the built-in state failed keeps the reason for which it was entered", () => {
  const commit = committed({ job: { state: "failed" }, head: { errorMessage: "the worker said so" } });
  expect(commit.head.errorMessage).toBe("the worker said so");
});

test("more than maxTransitions visits fail the job with that reason, the start counted", () => {
  const three = define({ maxTransitions: 3 });
  expect(open({ definition: three, head: { visit: 3 } }).kind).toBe("run");
  const commit = committed({ definition: three, head: { visit: 4 } });
  expect(commit).toMatchObject({ status: "failed", state: "start", next: "ended" });
  expect(commit.head.errorMessage).toBe('more than 3 states were entered (maxTransitions of blueprint "flow")');
});

test("a job that was created where its blueprint was unknown starts at the declared start state", () => {
  expect(running({ job: { state: "" } }).state.name).toBe("start");
});

test.each([
  ["a state", { job: { state: "newer" } }, 'no engine that looked at this job knows state "newer" of blueprint "flow"'],
  ["a blueprint", { definition: undefined }, 'no engine that looked at this job knows blueprint "flow"'],
])("a job is put off for a second where %s is unknown", (_what, options, reason) => {
  const commit = committed(options);
  expect(commit).toMatchObject({ next: "wait", wait: 1, due: now + 1000, endedAt: null });
  expect(commit.head.waiting).toEqual({ kind: "blueprint", reason, delayMs: 1000, since: now, until: now + 1000 });
});

test.each([
  [1000, 2000],
  [16_000, 30_000],
  [30_000, 30_000],
])("putting off again doubles the pause of %i ms to %i ms, 30 s at most, and keeps the beginning", (delayMs, next) => {
  const waiting = { kind: "blueprint", reason: "", delayMs, since: now - 9000, until: now } as const;
  const event = { id: "due", wait: 3, kind: "due" } as const;
  const commit = committed({ job: { state: "newer", event }, head: { waiting, waits: 3 } });
  expect(commit.head.waiting).toMatchObject({ delayMs: next, since: now - 9000, until: now + next });
});

test("a put-off job is pending until a handler has started, and running afterwards", () => {
  expect(committed({ job: { state: "newer" } }).status).toBe("pending");
  expect(committed({ job: { state: "newer" }, head: { visit: 2 } }).status).toBe("running");
  expect(committed({ job: { state: "newer" }, head: { tries: 1 } }).status).toBe("running");
});

test("being put off is no run of the visit", () => {
  expect(committed({ job: { state: "newer" } }).head.tries).toBe(0);
});

test("the first lost run is followed at once by another, further ones by growing random pauses", () => {
  expect(running({ job: { runs: 2 } }).attempt).toBe(2);
  for (const [runs, lost] of [
    [3, 2],
    [5, 4],
  ] as const) {
    const commit = committed({ job: { runs }, random: 0.5 });
    expect(commit).toMatchObject({ status: "awaiting_retry", next: "wait", due: now + lostRunDelay(lost, 0.5) });
    expect(commit.head).toMatchObject({ lost, tries: lost, failures: 0 });
    const attempt = lost + 1;
    expect(commit.head.waiting).toMatchObject({
      kind: "retry",
      attempt,
      errorMessage: `run ${lost} was lost with its engine`,
    });
  }
});

test("lost runs add up over the pauses of one visit", () => {
  expect(committed({ job: { runs: 2 }, head: { lost: 3, tries: 3 } }).head).toMatchObject({ lost: 4, tries: 4 });
});

test("after JOB_MAX_LOST_RUNS in one visit the job is quarantined without being run again", () => {
  const commit = committed({ job: { runs: 2 }, head: { lost: 9, tries: 9 } });
  expect(commit).toMatchObject({ status: "quarantined", state: "start", next: "wait", due: null, endedAt: now });
  expect(commit.head.waiting).toEqual({ kind: "operator", since: now, until: null });
  expect(commit.head.errorMessage).toBe('the handler of state "start" was lost 10 times with its engine');
  expect(commit.head.tries).toBe(10);
  expect(open({ job: { runs: 1 }, head: { lost: 9 } }).kind).toBe("run");
  expect(committed({ job: { runs: 2 }, settings: { maxLostRuns: 1 } }).status).toBe("quarantined");
});

test("a commit names its lease, its version and that it knows of no cancel", () => {
  const commit = ran({ action: { kind: "transition", state: "end" } });
  expect(commit).toMatchObject({ jobId, id: "claim:4", claim: "claim", version: 4, cancelSeen: false });
});

test("what is unchanged is not written: stateHistory and the initial data", () => {
  const same = ran({ action: { kind: "transition", state: "end" } }, { data: { a: 1 } });
  expect([same.data, same.initial]).toEqual([null, null]);
  const changed = ran({ action: { kind: "transition", state: "end" }, stateHistory: { a: 2 } }, { data: { a: 1 } });
  expect(changed.data).toEqual({ a: 2 });
  const step = running();
  step.draft.initial = { ...step.draft.initial, unchecked: false };
  expect(threw("boom", false).initial).toBeNull();
});

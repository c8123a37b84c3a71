import { expect, test } from "vitest";
import { closeStep } from "#core/close-step";
import { toCommit } from "#core/draft";
import { jobResult } from "#core/end-job";
import { defaultSettings } from "#core/settings";
import { define, ids, now, ran, running, type StepOptions, spec, threw } from "./one-step.ts";

test("a transition enters the state: a new visit with new budgets, at once, with progress reset", () => {
  const options = { head: { visit: 3, tries: 4, failures: 2, lost: 1, results: 2, errorMessage: "old" } };
  const commit = ran({ action: { kind: "transition", state: "work" } }, options);
  expect(commit).toMatchObject({ next: "keep", status: "running", state: "work", visit: 4, resetProgress: true });
  const fresh = { visit: 4, entry: "handler", tries: 0, failures: 0, lost: 0, results: null, errorMessage: null };
  expect(commit.head).toMatchObject(fresh);
  expect([commit.wait, commit.due, commit.join, commit.notify, commit.children]).toEqual([null, null, null, null, []]);
});

test.each(["finished", "failed"])("a transition to the built-in %s ends the job in the same commit", (state) => {
  expect(ran({ action: { kind: "transition", state } })).toMatchObject({ status: state, state, next: "ended" });
});

test("the transition that passes maxTransitions fails the job", () => {
  const commit = ran({ action: { kind: "transition", state: "work" } }, { definition: define({ maxTransitions: 1 }) });
  expect(commit).toMatchObject({ status: "failed", next: "ended" });
});

test("an exception is retried with backoff and full jitter; what the run changed is void", () => {
  const commit = threw("boom", false, { data: { kept: 1 }, head: { failures: 1, tries: 1 }, random: 0.25 });
  expect(commit).toMatchObject({ status: "awaiting_retry", state: "start", next: "wait", due: now + 500, data: null });
  expect(commit.head).toMatchObject({ failures: 2, tries: 2, visit: 1 });
  expect(commit.head.waiting).toEqual({
    kind: "retry",
    attempt: 3,
    errorMessage: "boom",
    since: now,
    until: now + 500,
  });
});

test("up to JOB_MAX_RETRIES, then quarantine with the state's name and the last message", () => {
  expect(threw("boom", false, { head: { failures: 2 } }).status).toBe("awaiting_retry");
  const commit = threw("boom", false, { head: { failures: 3 } });
  expect(commit).toMatchObject({ status: "quarantined", state: "start", next: "wait", endedAt: now, due: null });
  expect(commit.head.errorMessage).toBe('state "start" failed (4 attempts): boom');
});

test("a fault that another run would meet again quarantines at once", () => {
  const commit = threw("no such state", true);
  expect(commit.status).toBe("quarantined");
  expect(commit.head.errorMessage).toBe('state "start" failed: no such state');
});

test("no action in a state that is no end quarantines at once, naming the state and the remedy", () => {
  const commit = ran({ action: null });
  expect(commit.status).toBe("quarantined");
  expect(commit.head.errorMessage).toMatch(/state "start" chose no action: call one of the actions, or mark .* isEnd/);
});

test.each([
  ["NaN", { a: { b: Number.NaN } }, "a.b"],
  ["a BigInt", { big: 1n }, "big"],
  ["a Map", { list: [new Map()] }, "list[0]"],
])("stateHistory with %s quarantines without retry, and the error names the path", (_what, stateHistory, path) => {
  const commit = ran({ stateHistory, action: { kind: "transition", state: "end" } }, { data: { kept: 1 } });
  expect(commit).toMatchObject({ status: "quarantined", data: null });
  expect(commit.head.errorMessage).toContain(`stateHistory.${path}`);
});

test("a stateHistory that its own toJSON makes something else quarantines", () => {
  const commit = ran({ stateHistory: { toJSON: () => 5 }, action: { kind: "transition", state: "end" } });
  expect(commit.head.errorMessage).toContain("stateHistory: expected an object, its toJSON gave 5");
});

test("a stateHistory past its bound quarantines, with field and bound in the message", () => {
  const options = { settings: { maxStateBytes: 20 } };
  const action = { kind: "transition", state: "end" } as const;
  expect(ran({ action, stateHistory: { text: "x".repeat(9) } }, options).status).toBe("running");
  const commit = ran({ action, stateHistory: { text: "x".repeat(10) } }, options);
  expect(commit.head.errorMessage).toContain("stateHistory: expected at most 20 bytes, got 21");
});

test("a fault of the engine's own is not taken for the handler's", () => {
  const { draft, state } = running();
  const action = {
    kind: "approval",
    integration: "",
    message: "",
    transitions: {},
    timeoutMs: null,
    timeoutState: null,
  };
  const outcome = { kind: "returned", action, value: undefined, stateHistory: {} } as never;
  const broken = () => {
    throw new TypeError("no entropy");
  };
  expect(() => closeStep(draft, state, outcome, { ...ids, newToken: broken })).toThrow(TypeError);
});

interface EndCase {
  state: string;
  value?: unknown;
  action?: { kind: "finish"; result: null | undefined | number } | { kind: "fail"; reason: string };
  status: string;
  result: unknown;
  error: string | null;
}
test.each<[string, EndCase]>([
  [
    "an end state finishes the job with stateHistory as its result",
    { state: "end", status: "finished", result: { a: 1 }, error: null },
  ],
  [
    "the plain object an end handler returns is the result",
    { state: "end", value: { b: 2 }, status: "finished", result: { b: 2 }, error: null },
  ],
  [
    "any other value it returns is not",
    { state: "end", value: [1], status: "finished", result: { a: 1 }, error: null },
  ],
  [
    "finish(value) gives the result",
    { state: "start", action: { kind: "finish", result: 5 }, status: "finished", result: 5, error: null },
  ],
  [
    "finish(null) gives null",
    { state: "start", action: { kind: "finish", result: null }, status: "finished", result: null, error: null },
  ],
  [
    "finish() gives stateHistory",
    {
      state: "start",
      action: { kind: "finish", result: undefined },
      status: "finished",
      result: { a: 1 },
      error: null,
    },
  ],
  [
    "fail(reason) fails where the job stands, without a result",
    { state: "start", action: { kind: "fail", reason: "no" }, status: "failed", result: null, error: "no" },
  ],
  [
    "a failure end state fails the job",
    { state: "bad", status: "failed", result: null, error: 'the job ended in the failure state "bad"' },
  ],
  [
    "the object a failure end state returns is kept",
    {
      state: "bad",
      value: { why: 1 },
      status: "failed",
      result: { why: 1 },
      error: 'the job ended in the failure state "bad"',
    },
  ],
  [
    "an action in an end handler wins over its outcome",
    { state: "bad", action: { kind: "finish", result: undefined }, status: "finished", result: { a: 1 }, error: null },
  ],
  [
    "an action's end takes no returned object",
    {
      state: "end",
      value: { b: 2 },
      action: { kind: "finish", result: undefined },
      status: "finished",
      result: { a: 1 },
      error: null,
    },
  ],
])("%s", (_rule, { state, value, action = null, status, result, error }) => {
  const data = { a: 1 };
  const commit = ran({ action, value }, { job: { state }, data });
  expect(commit).toMatchObject({ status, state, next: "ended", endedAt: now });
  expect(commit.due).toBe(now + defaultSettings.retentionMs);
  expect(jobResult(commit.status, commit.head, data)).toEqual(result);
  expect(commit.head.errorMessage).toBe(error);
});

test("a failure end state keeps the reason for which it was entered", () => {
  const commit = ran({ action: null }, { job: { state: "bad" }, head: { errorMessage: "undeclared status" } });
  expect(commit.head.errorMessage).toBe("undeclared status");
});

test("a returned object that is no JSON quarantines", () => {
  expect(ran({ value: { big: 1n } }, { job: { state: "end" } })).toMatchObject({ status: "quarantined", state: "end" });
});

test.each([
  [{ afterMs: 5000 }, now + 5000],
  [{ at: now + 86_400_000_000 }, now + 86_400_000_000],
  [{ at: now - 5000 }, now],
])("a sleep of %o is a timer for %i: the past wakes at once", (wake, until) => {
  const commit = ran({ action: { kind: "sleep", wake, nextState: "end" } });
  expect(commit).toMatchObject({ status: "sleeping", next: "wait", wait: 1, due: until });
  expect(commit.head.waiting).toEqual({ kind: "timer", nextState: "end", since: now, until });
});

test.each([
  [30_000, now + 30_000],
  [null, null],
])("an approval with a timeout of %s waits until %s, with a token of its own", (timeoutMs, until) => {
  const wait = { integration: "desk", message: "well?", transitions: { yes: "end" }, timeoutState: null };
  const commit = ran({ action: { kind: "approval", ...wait, timeoutMs } });
  expect(commit).toMatchObject({ status: "waiting_for_human", next: "wait", due: until });
  expect(commit.head.waiting).toEqual({ kind: "human", ...wait, token: "secret", since: now, until });
});

test("a waiting visit counts its run and its wait gets the next number", () => {
  const action = { kind: "task", task: spec(), transitions: {} } as const;
  const commit = ran({ action }, { head: { waits: 4, tries: 1 } } satisfies StepOptions);
  expect(commit).toMatchObject({ wait: 5, resetProgress: false });
  expect(commit.head).toMatchObject({ waits: 5, tries: 2 });
});

test("a child's data that was checked at its first run is written with the commit", () => {
  const { draft, state } = running({ initial: { unchecked: true } });
  draft.initial = { ...draft.initial, data: { from: "schema" }, unchecked: false };
  closeStep(draft, state, { kind: "threw", fault: { message: "boom", final: false } }, ids);
  expect(toCommit(draft).initial).toMatchObject({ data: { from: "schema" }, unchecked: false });
});

import { expect, test } from "vitest";
import { anyObject, maybe, name } from "#fields";
import {
  batchBody,
  creationEnvelope,
  errorAnswer,
  heartbeatBody,
  listQuery,
  registration,
  requeueBody,
  resultBody,
  violations,
  waitQuery,
} from "#index";

test.each([
  [creationEnvelope, { initial_data: 5 }, "initial_data: expected an object, got a number (5)"],
  [creationEnvelope, { initial_data: [1, 2] }, "initial_data: expected an object, got an array of 2"],
  [creationEnvelope, { priority: 2000 }, "priority: expected a number from -1000 to 1000, got a number (2000)"],
  [
    creationEnvelope,
    { dispatch_timeout: 0 },
    "dispatch_timeout: expected a number of seconds above 0, got a number (0)",
  ],
  [creationEnvelope, { webhook_events: "all" }, 'webhook_events: expected an array, got a string ("all")'],
  [anyObject, null, "body: expected an object, got null"],
  [anyObject, [], "body: expected an object, got an array of 0"],
  [anyObject, undefined, "body: expected an object, got nothing"],
  [batchBody, { jobs: [] }, "jobs: expected an array of 1 to 1000 entries, got an array of 0"],
  [batchBody, {}, "jobs: expected an array of 1 to 1000 entries, got nothing"],
  [requeueBody, { patch: "x" }, 'patch: expected an object, got a string ("x")'],
  [resultBody, { job_id: 1, task_id: "t" }, "job_id: expected a string, got a number (1)"],
  [
    heartbeatBody,
    { progress: { t1: { progress: "half" } } },
    'progress["t1"].progress: expected a number, got a string ("half")',
  ],
  [
    registration,
    { worker_id: "w", supported_tasks: ["a", "$webhook"] },
    'supported_tasks[1]: expected a task type: a string of 1 to 128 characters that doesn\'t begin with "$", got a string ("$webhook")',
  ],
  [
    registration,
    { worker_id: "w", supported_skills: ["a", 7] },
    'supported_skills[1]: expected a task type: a string of 1 to 128 characters that doesn\'t begin with "$", or an object with one as its name, got a number (7)',
  ],
  [
    listQuery,
    { status: "done" },
    'status: expected "pending", "running", "waiting_for_worker", "waiting_for_human", "waiting_for_parallel_tasks", "waiting_for_sub_job", "sleeping", "awaiting_retry", "finished", "failed", "cancelled" or "quarantined", got a string ("done")',
  ],
  [listQuery, { limit: 1.5 }, "limit: expected a whole number from 1 to 1000, got a number (1.5)"],
  [waitQuery, { wait: "soon" }, 'wait: expected a number of at least 0, got a string ("soon")'],
])("%#: a violation names field, expectation and what came", (schema, value, message) => {
  expect(violations(schema, value)).toEqual([message]);
});

test("what fulfils a schema violates nothing: null in an optional key is absence, unknown keys are ignored", () => {
  expect(violations(creationEnvelope, { initial_data: null, priority: null, other: 1 })).toEqual([]);
  expect(violations(requeueBody, null)).toEqual([]);
  expect(violations(heartbeatBody, { load: null, supported_skills: [{ name: "resize", type: "x" }] })).toEqual([]);
  expect(violations(maybe(name), null)).toEqual([]);
});

test.each(["", "a\nb", "x".repeat(129), "\ud800"])("%j is no name", (value) => {
  expect(violations(name, value, "worker_id")).toHaveLength(1);
});

test("a closed object has no other keys", () => {
  const answer = { error: "no", code: "not_found", request_id: "1" };
  expect(violations(errorAnswer, answer)).toEqual([]);
  expect(violations(errorAnswer, { ...answer, stack: "at" })).toEqual(['body: has no key "stack"']);
});

test("a name may have 128 characters", () => {
  expect(violations(name, "x".repeat(128))).toEqual([]);
});

test("every place is told, 20 at most, and long texts are cut", () => {
  expect(violations(resultBody, {})).toHaveLength(2);
  expect(violations(registration, { worker_id: "w", supported_tasks: Array(1000).fill(0) })).toHaveLength(20);
  const [message] = violations(anyObject, "x".repeat(10_000));
  expect(message?.length).toBeLessThan(200);
});

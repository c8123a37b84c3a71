import { expect, test } from "vitest";
import { AvtomatikaError } from "#core/errors";
import { jobIdIn, maxShards, shardOf, shardOfKey } from "#core/job-id";
import { decide, joinNumbers } from "#core/join";
import { parseTaskId, taskId } from "#core/task";
import { jobId } from "./one-step.ts";

test.each([0, 1, 16, maxShards - 1])("shard %i can be read from the id of its job", (shard) => {
  const id = jobIdIn("01912345-89ab-7cde-8f01-23456789abcd", shard);
  expect(id).toMatch(/^01912345-89ab-7cde-8f01-234567[0-9a-f]{6}$/);
  expect(shardOf(id, maxShards)).toBe(shard);
});

test.each(["", "nonsense", jobId.toUpperCase().replace("0000", "ABCD"), `${jobId}0`])(
  "a text that is no job id, %s, is looked for in shard 0",
  (text) => {
    expect(shardOf(text, 4)).toBe(0);
  },
);

test("an id of a shard that the store doesn't have is looked for in shard 0", () => {
  expect(shardOf(jobIdIn(jobId, 4), 4)).toBe(0);
  expect(shardOf(jobIdIn(jobId, 3), 4)).toBe(3);
});

test("a key leads to the same shard always, and keys spread over all of them", () => {
  expect(shardOfKey("abc", 1000)).toBe(0x1a47e90b % 1000);
  const hit = new Set(Array.from({ length: 200 }, (_, key) => shardOfKey(`key-${key}`, 16)));
  expect(hit.size).toBe(16);
});

test("a task id is its address, attempt included", () => {
  const address = { jobId, wait: 3, index: 12, attempt: 2 };
  expect(taskId(address)).toBe(`${jobId}_3_12_2`);
  expect(parseTaskId(taskId(address))).toEqual(address);
});

test.each(["", jobId, `${jobId}_1_2`, `${jobId}_1_2_x`, `_1_2_3`, `${jobId}_1_2_3_4`, `${jobId}_1_-2_3`])(
  "%s is no task id",
  (text) => {
    expect(parseTaskId(text)).toBeNull();
  },
);

/** All ends of three branches, one after the other: `s` a success, `f` a failure; `at` is where it is decided. */
test.each([
  ["all", "sss", 3, "success"],
  ["all", "sf", 2, "failure"],
  ["all", "f", 1, "failure"],
  ["any", "ffs", 3, "success"],
  ["any", "s", 1, "success"],
  ["any", "fff", 3, "failure"],
  [{ quorum: 2 }, "sfs", 3, "success"],
  [{ quorum: 2 }, "ss", 2, "success"],
  [{ quorum: 2 }, "ff", 2, "failure"],
  ["settled", "fff", 3, "success"],
  ["settled", "sfs", 3, "success"],
] as const)("under %o the ends %s decide at the %i. as a %s, and not before", (policy, ends, at, decision) => {
  const join = { total: 3, ...joinNumbers(policy, 3), ok: 0, failed: 0 };
  for (const [index, end] of [...ends].entries()) {
    if (end === "s") join.ok += 1;
    else join.failed += 1;
    expect(decide(join)).toBe(index + 1 === at ? decision : null);
  }
});

test("an error keeps its cause and its details, and has its code's status", () => {
  const cause = new Error("disk");
  const error = new AvtomatikaError("store_unavailable", "away", { cause, details: ["a"] });
  expect([error.cause, error.details, error.status]).toEqual([cause, ["a"], 503]);
  expect("cause" in new AvtomatikaError("not_found", "no")).toBe(false);
});

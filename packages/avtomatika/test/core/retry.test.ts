import { expect, test } from "vitest";
import { lostRunDelay, retryDelay } from "#core/retry";

const policy = { maxRetries: 3, delayMs: 1000, maxDelayMs: 60_000, factor: 2 };

test("the ceiling grows by the factor up to the longest pause, with full jitter", () => {
  expect([1, 2, 3, 7, 8, 5000].map((retry) => retryDelay(policy, retry, 1))).toEqual([
    1000, 2000, 4000, 60_000, 60_000, 60_000,
  ]);
  expect(retryDelay(policy, 3, 0)).toBe(0);
  expect(retryDelay(policy, 3, 0.25)).toBe(1000);
  expect(retryDelay({ ...policy, maxDelayMs: 500 }, 1, 0.5)).toBe(250);
});

test("no pause stays none, however late the retry", () => {
  expect(retryDelay({ ...policy, delayMs: 0 }, 5000, 0.5)).toBe(0);
});

test("lost runs pause from the second on, a minute at most", () => {
  expect([0, 1, 2, 3, 8, 500].map((lost) => lostRunDelay(lost, 1))).toEqual([0, 0, 1000, 2000, 60_000, 60_000]);
  expect(lostRunDelay(2, 0.5)).toBe(500);
});

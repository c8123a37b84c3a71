import { expect, test } from "vitest";
import { type Duration, readDuration } from "#testing/duration";

test.each<[Duration, number]>([
  ["2 days", 172_800_000],
  ["90 s", 90_000],
  ["1 h 30 min", 5_400_000],
  ["1 hour and 5 seconds", 3_605_000],
  ["1.5h", 5_400_000],
  ["2 Weeks", 1_209_600_000],
  [1500, 1500],
  [0.5, 1],
  [{ days: 1, hours: 2, minutes: 3, seconds: 4 }, 93_784_000],
  [{ minutes: undefined, seconds: 1 }, 1000],
])("%j is %i ms", (duration, ms) => {
  expect(readDuration(duration)).toBe(ms);
});

test.each([["soon"], [""], ["5"], ["-1 s"], [-1], [Number.NaN], [{}], [null]])("%j is refused", (duration) => {
  expect(() => readDuration(duration as never)).toThrow("a duration is");
});

test("unknown units name the nearest", () => {
  expect(() => readDuration("3 huors")).toThrow('unknown unit of time "huors", did you mean "hours"?');
  expect(() => readDuration({ hour: 1 } as never)).toThrow('unknown unit of time "hour", did you mean "hours"?');
});

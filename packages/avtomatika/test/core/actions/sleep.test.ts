import { describe, expect, test } from "vitest";
import { chosen, refused } from "./one-run.ts";

describe("sleep", () => {
  test.each<[object, object]>([
    [{ seconds: 1.5 }, { afterMs: 1500 }],
    [{ seconds: 0 }, { afterMs: 0 }],
    [{ until: new Date(5000) }, { at: 5000 }],
    [{ until: "1969-12-31T23:59:59Z" }, { at: -1000 }],
  ])("%o", (options, wake) => {
    expect(chosen("sleep", options, "end")).toEqual({ kind: "sleep", wake, nextState: "end" });
  });

  test.each<[unknown, unknown, string]>([
    [{}, "end", "sleep: exactly one of seconds and until must be given"],
    [{ seconds: 1, until: new Date() }, "end", "sleep: exactly one of seconds and until must be given"],
    [{ seconds: -1 }, "end", "sleep.seconds must be a number of seconds, 0 or more, got -1"],
    [{ seconds: "5" }, "end", 'sleep.seconds must be a number of seconds, 0 or more, got "5"'],
    [
      { until: new Date(Number.NaN) },
      "end",
      'sleep.until must be a Date or RFC 3339 text like "2030-01-31T09:00:00Z", got an invalid Date',
    ],
    [{ until: "tomorrow" }, "end", 'got "tomorrow"'],
    [{ until: 5 }, "end", "got 5"],
    [{ minutes: 5 }, "end", 'sleep: unknown option "minutes"'],
    [{ seconds: 1 }, "edn", 'sleep: nextState names the unknown state "edn", did you mean "end"?'],
    [{ seconds: 1 }, undefined, "sleep: nextState must be the name of a state, got undefined"],
  ])("%o, %o is refused", (options, nextState, message) => {
    expect(refused("sleep", options, nextState)).toContain(message);
  });
});

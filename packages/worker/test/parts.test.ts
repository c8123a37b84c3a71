// The small parts that have nothing to do with HTTP.
import { describe, expect, test } from "vitest";
import { Backoff } from "#engine/backoff";
import { ClockOffset } from "#engine/clock-offset";
import { Pacer } from "#engine/pacer";
import { lineLogger } from "#logger/line-logger";
import { jsonText } from "#task/json-text";
import { ProgressReports } from "#task/progress-reports";

describe("JSON text", () => {
  const shared = { x: 1 };
  test.each<[unknown]>([
    [{ a: [1, "x", null, { b: true }], c: {}, d: [] }],
    [{ a: shared, b: shared, c: [shared, [shared]] }],
    [[undefined, { u: undefined }]],
    [{ date: new Date(0), "odd key": { "": 1 } }],
    [undefined],
    [5],
  ])("%j is as JSON.stringify has it", (value) => {
    expect(jsonText(value, "result")).toBe(JSON.stringify(value));
  });
  test.each<[unknown, string]>([
    [1n, "result is a BigInt"],
    [{ a: { b: [0, Number.POSITIVE_INFINITY] } }, "result.a.b[1] is Infinity"],
    [{ first: {}, a: { "odd key": () => 1 } }, 'result.a["odd key"] is a function'],
    [{ a: new Map() }, "result.a is a Map"],
    [[[], [new Set()]], "result[1][0] is a Set"],
    [{ a: Promise.resolve() }, "result.a is a promise (await is missing)"],
    [{ a: Symbol("x") }, "result.a is a symbol"],
    [nested(101), "is nested deeper than 100 levels"],
  ])("%o is refused with its path", (value, message) => {
    expect(() => jsonText(value, "result")).toThrow(message);
  });
  test("100 levels are allowed", () => expect(jsonText(nested(100), "result")).toHaveLength(200));
});

function nested(depth: number): unknown[] {
  return depth === 1 ? [] : [nested(depth - 1)];
}

test("pauses double up to 5 s and begin again after a success; what the engine asks for is kept, up to a minute", () => {
  const backoff = new Backoff();
  const pauses = Array.from({ length: 12 }, () => backoff.next());
  for (const [at, pause] of pauses.entries()) {
    const full = Math.min(5000, 200 * 2 ** at);
    expect(pause).toBeGreaterThanOrEqual(full / 2);
    expect(pause).toBeLessThanOrEqual(full);
  }
  backoff.reset();
  expect(backoff.next()).toBeLessThanOrEqual(200);
  expect(backoff.next(7000)).toBe(7000);
  expect(backoff.next(1e9)).toBe(60_000);
});

test("a clock is taken as it is unless it is off by more than a header can say", () => {
  const clock = new ClockOffset();
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  const header = (ms: number) => new Date(ms).toUTCString();
  expect(clock.toLocal(5)).toBe(5);
  clock.observe(header(now - 1000), now);
  expect(clock.toLocal(5)).toBe(5);
  clock.observe(header(now + 60_000), now);
  expect(clock.toLocal(now + 60_000)).toBe(now - 500);
  clock.observe("nonsense", now);
  clock.observe(undefined, now);
  expect(clock.toLocal(now + 60_000)).toBe(now - 500);
  clock.observe(header(now), now);
  expect(clock.toLocal(5)).toBe(5);
});

test("progress: one a second per task, the latest; the last one of a task that ends at once", () => {
  let now = 0;
  const reports = new ProgressReports(() => now);
  expect(reports.dueInMs()).toBeNull();
  reports.put("a", 0.1, undefined);
  expect([reports.dueInMs(), reports.take(new Set())]).toEqual([0, { a: { progress: 0.1 } }]);
  now = 400;
  reports.put("a", 0.2, undefined);
  reports.put("a", 0.3, "on");
  expect([reports.dueInMs(), reports.take(new Set())]).toEqual([600, undefined]);
  const last = reports.take(new Set(["a"]));
  expect(last).toEqual({ a: { progress: 0.3, message: "on" } });
  reports.putBack(last);
  reports.put("a", 0.4, undefined);
  reports.putBack(last);
  now = 1400;
  expect(reports.take(new Set())).toEqual({ a: { progress: 0.4 } });
  reports.forget("a");
  reports.putBack(last);
  expect(reports.has("a")).toBe(false);
  expect(() => reports.put("a", "x", undefined)).toThrow("expected a finite number");
  expect(() => reports.put("a", 1, 5)).toThrow("no string");
});

test("the logger of who brings none writes lines of JSON from its level on", () => {
  const lines: string[] = [];
  const logger = lineLogger("WARNING", (line) => lines.push(line)).child({ workerId: "w" });
  logger.info("not written");
  logger.warn("text");
  logger.error({ err: new Error("oops"), n: 1 }, "more");
  logger.fatal({ big: 1n });
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed[0]).toMatchObject({ level: "warn", workerId: "w", msg: "text" });
  expect(parsed[1]).toMatchObject({ level: "error", err: { name: "Error", message: "oops" }, n: 1, msg: "more" });
  expect(parsed[2].msg).toContain("can't be written");
  lineLogger("silent", (line) => lines.push(line)).fatal("nothing");
  expect(lines).toHaveLength(3);
});

test("heartbeats: a few at once, then at a pace, at most 18 in any second, and none while the engine wants none", () => {
  let now = 0;
  const pacer = new Pacer(() => now);
  const at: number[] = [];
  const beat = (): void => {
    now += pacer.waitMs();
    at.push(now);
    pacer.count();
  };
  for (let n = 0; n < 40; n++) beat();
  expect(at.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 80]);
  now += 60_000;
  for (let n = 0; n < 40; n++) beat();
  const mostInASecond = Math.max(...at.map((from) => at.filter((one) => one >= from && one < from + 1000).length));
  expect(mostInASecond).toBeLessThanOrEqual(18);
  const refused = now;
  pacer.close(3000);
  beat();
  expect(now - refused).toBe(3000);
});

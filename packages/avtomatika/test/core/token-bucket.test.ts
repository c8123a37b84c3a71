import { array, assert as assertProperty, constantFrom, integer, property, record, tuple } from "fast-check";
import { expect, test } from "vitest";
import { type RateLimit, seats, shareOf } from "#core/rate-share";
import { type Bucket, takeTokens } from "#core/token-bucket";
import { overflow } from "./overflow.ts";

const limit: RateLimit = { perSecond: 10, burst: 20 };
const take = (bucket: Bucket | null, want: number, now: number, lifeMs = 1000) =>
  takeTokens(bucket, { limit, want, lifeMs }, now);

test("a new bucket has its burst, at once", () => {
  expect(take(null, 25, 5000)).toMatchObject({ granted: 20, restedAt: 8125 });
  expect(take(null, 3, 5000)).toMatchObject({ granted: 3, waitMs: 0 });
  expect(take(null, 0, 5000)).toMatchObject({ granted: 0, waitMs: 0, bucket: { level: 0, portions: [] } });
});

test("tokens that were lent fill it until their life is over, and drain only then", () => {
  const first = take(null, 20, 0);
  expect(first.bucket.portions).toEqual([{ until: 1125, tokens: 20 }]);
  const early = take(first.bucket, 1, 1124);
  expect([early.granted, early.waitMs]).toEqual([0, 101]);
  const over = take(first.bucket, 5, 1125 + 250);
  expect([over.granted, over.waitMs]).toEqual([2, 50]);
  expect(over.bucket.level).toBe(17.5);
  expect(take(over.bucket, 100, over.restedAt).granted).toBe(20);
});

test("portions whose ends are close together are kept as one", () => {
  let { bucket } = take(null, 1, 0);
  for (const now of [10, 120, 130]) ({ bucket } = take(bucket, 1, now));
  expect(bucket.portions).toEqual([
    { until: 1125, tokens: 3 },
    { until: 1250, tokens: 1 },
  ]);
  expect(take(bucket, 1, 140, 100).bucket.portions.at(-1)).toEqual({ until: 1250, tokens: 2 });
});

test("while the level alone drains, the wait goes by it", () => {
  const first = take(null, 20, 0);
  const later = take(first.bucket, 20, 1125);
  expect([later.granted, later.waitMs]).toEqual([0, 100]);
});

test("a clock that is put back gives nothing", () => {
  const first = take(null, 20, 5000);
  const back = take(first.bucket, 20, 1000);
  expect([back.granted, back.bucket.at]).toEqual([0, 5000]);
});

test("never more than burst + rate · t are used in any window, whenever each portion is used", () => {
  const moments = constantFrom<(granted: number, until: number, now: number) => number>(
    (granted) => granted,
    (_, until) => until,
    // All together, as late as the earliest of them allows.
    (granted, until) => Math.max(granted, Math.min(until, Math.ceil(granted / 900) * 900)),
    (granted, until) => granted + ((granted * 7919) % (until - granted + 1)),
  );
  const limits = record({ perSecond: constantFrom(1, 7, 100, 1000), burst: constantFrom(1, 2, 20, 500) });
  const calls = array(tuple(integer({ min: 0, max: 1500 }), integer({ min: 1, max: 300 }), moments), { maxLength: 60 });
  assertProperty(
    property(limits, constantFrom(50, 333, 1000), calls, (ofRun, lifeMs, steps) => {
      let bucket: Bucket | null = null;
      let now = 1_700_000_000_123;
      const uses: number[] = [];
      for (const [pause, want, moment] of steps) {
        now += pause;
        const portion = takeTokens(bucket, { limit: ofRun, want, lifeMs }, now);
        ({ bucket } = portion);
        for (let one = 0; one < portion.granted; one++) uses.push(moment(now, now + lifeMs, now));
      }
      expect(overflow(uses, ofRun)).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test("what was told as the wait is right: no token before, one after", () => {
  const calls = array(tuple(integer({ min: 0, max: 700 }), integer({ min: 1, max: 30 })), {
    minLength: 1,
    maxLength: 20,
  });
  assertProperty(
    property(calls, (steps) => {
      let bucket: Bucket | null = null;
      let now = 0;
      let waitMs = 0;
      for (const [pause, want] of steps) {
        now += pause;
        ({ bucket, waitMs } = take(bucket, want, now));
      }
      if (waitMs > 1) expect(take(bucket, 1, now + waitMs - 2).granted).toBe(0);
      expect(take(bucket, 1, now + waitMs + 1).granted).toBe(1);
    }),
    { numRuns: 500 },
  );
});

test("the sum of all shares is the limit", () => {
  for (const ofKind of [
    { perSecond: 100, burst: 500 },
    { perSecond: 20, burst: 40 },
    { perSecond: 10, burst: 20 },
    { perSecond: 1, burst: 1 },
    { perSecond: 1000, burst: 8 },
  ]) {
    const { own, shared, lifeMs } = shareOf(ofKind);
    expect(shared.perSecond + seats * own.perSecond).toBeCloseTo(ofKind.perSecond, 9);
    expect(shared.burst + seats * own.burst).toBe(ofKind.burst);
    expect(shared.burst).toBeGreaterThanOrEqual(ofKind.burst / 2);
    expect(lifeMs >= 50 && lifeMs <= 1000).toBe(true);
  }
  expect(shareOf({ perSecond: 20, burst: 40 }).own).toEqual({ perSecond: 0.25, burst: 1 });
  expect(shareOf({ perSecond: 1, burst: 7 }).own).toEqual({ perSecond: 0, burst: 0 });
});

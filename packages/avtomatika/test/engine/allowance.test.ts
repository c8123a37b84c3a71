import { expect, test } from "vitest";
import { Allowances } from "#engine/rate/allowance";

const own = { perSecond: 0.5, burst: 2 };

/** How many calls in a row an allowance lets through at an instant. */
function drain(allowances: Allowances, allowance = allowances.fresh(), now = 0, since: number | null = 0): number {
  let count = 0;
  while (allowances.use(allowance, now, since)) count += 1;
  return count;
}

test("one that was never used has filled up since the engine has its seat, up to its burst", () => {
  const filled = [0, 1999, 2000, 3999, 4000, 100_000].map((now) => drain(new Allowances(own), undefined, now));
  expect(filled).toEqual([0, 0, 1, 1, 2, 2]);
});

test("it fills up again after its use", () => {
  const allowances = new Allowances(own);
  const one = allowances.fresh();
  expect(drain(allowances, one, 10_000)).toBe(2);
  expect([11_999, 12_000, 13_999].map((now) => drain(allowances, one, now))).toEqual([0, 1, 0]);
});

test("without a seat there is nothing, and what was left when it was lost is void", () => {
  const allowances = new Allowances(own);
  const one = allowances.fresh();
  expect(allowances.use(one, 10_000, 0)).toBe(true);
  expect(drain(allowances, one, 20_000, null)).toBe(0);
  expect(drain(allowances, one, 21_000, 20_000)).toBe(0);
  expect(drain(allowances, one, 22_000, 20_000)).toBe(1);
});

test("who was forgotten and comes again has no more than before", () => {
  const allowances = new Allowances(own);
  const used = allowances.fresh();
  expect(drain(allowances, used, 10_000)).toBe(2);
  allowances.forget(used, 11_000, 0);
  expect(drain(allowances, allowances.fresh(), 11_000)).toBe(0);
  expect(drain(allowances, allowances.fresh(), 12_000)).toBe(1);
});

test("forgetting one that is full, or without a seat, takes nothing from the others", () => {
  const allowances = new Allowances(own);
  allowances.forget(allowances.fresh(), 10_000, 0);
  allowances.forget(allowances.fresh(), 10_000, null);
  expect(drain(allowances, allowances.fresh(), 10_000)).toBe(2);
});

test("a limit that is too small to share has no allowance", () => {
  expect(drain(new Allowances({ perSecond: 0, burst: 0 }), undefined, 1e9)).toBe(0);
});

import { expect, test } from "vitest";
import type { Strategy } from "#core/action";
import { type AskingWorker, compareRanks, rank } from "#core/choose";
import type { JsonObject } from "#core/json";
import { normaliseWorker } from "#core/worker-view";

const asking: AskingWorker = { type: "t", openLeases: 0, lastTaskAt: null, reputation: 1 };

/** Negative if the first is the better one. */
function compare(
  strategy: Strategy,
  a: [JsonObject, Partial<AskingWorker>?],
  b: [JsonObject, Partial<AskingWorker>?],
): number {
  const ranks = [a, b].map(([record, part]) => rank(strategy, normaliseWorker(record), { ...asking, ...part }));
  const [first, second] = ranks as [number[], number[]];
  // Comparing is the other way round from the other side.
  expect(compareRanks(second, first) + compareRanks(first, second)).toBe(0);
  return compareRanks(first, second);
}

test("default: the warm one, then the cheapest", () => {
  expect(compare("default", [{ hot_skills: ["t"], cost: 9 }], [{ cost: 1 }])).toBe(-1);
  expect(compare("default", [{ hot_cache: ["t"], cost: 9 }], [{ hot_skills: ["t"], cost: 1 }])).toBe(1);
  expect(compare("default", [{ cost: 9 }], [{}])).toBe(-1);
  expect(compare("default", [{}], [{}])).toBe(0);
});

test("round_robin: whose last task of the type is longest ago", () => {
  expect(compare("round_robin", [{}, { lastTaskAt: 1 }], [{}, { lastTaskAt: 2 }])).toBe(-1);
  expect(compare("round_robin", [{}, { lastTaskAt: 0 }], [{}])).toBe(1);
  expect(compare("round_robin", [{}], [{}])).toBe(0);
});

test("least_connections: fewest open leases, then the lowest load", () => {
  expect(compare("least_connections", [{ load: 9 }, { openLeases: 1 }], [{ load: 0 }, { openLeases: 2 }])).toBe(-1);
  expect(compare("least_connections", [{ load: 9 }], [{ load: 0 }])).toBe(1);
});

test("cheapest: the lowest cost, an unknown one last", () => {
  expect(compare("cheapest", [{ cost_per_skill: { t: 1 }, cost: 5 }], [{ cost: 2 }])).toBe(-1);
  expect(compare("cheapest", [{}], [{ cost: 1e300 }])).toBe(1);
});

test("best_value: cost by reputation, without a division by zero", () => {
  expect(compare("best_value", [{ cost: 2 }, { reputation: 1 }], [{ cost: 1.5 }, { reputation: 0.5 }])).toBe(-1);
  expect(compare("best_value", [{ cost: 0 }, { reputation: 0 }], [{ cost: 9 }, { reputation: 0.1 }])).toBe(1);
  expect(compare("best_value", [{}], [{ cost: 0 }, { reputation: 0 }])).toBe(0);
});

import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "#core/json";
import { costOf, match } from "#core/match";
import type { Lane } from "#core/task";
import { normaliseWorker } from "#core/worker-view";

const lane: Lane = { id: "x", type: "resize", requirements: null, maxCost: null, strategy: "default" };

function worker(record: JsonObject = {}) {
  return normaliseWorker({ worker_id: "w", supported_tasks: ["resize"], ...record });
}

/** The reasons against, none if it is eligible. */
function reasons(record: JsonObject, part: Partial<Lane>): string[] {
  const result = match(worker(record), { ...lane, ...part });
  return result.eligible ? [] : result.reasons;
}

function needs(requirements: JsonObject, record: JsonObject): string[] {
  return reasons(record, { requirements });
}

test("a worker that supports the type may take it, idle or busy or silent about it", () => {
  expect(match(worker(), lane)).toEqual({ eligible: true });
  for (const status of ["idle", "busy", null]) expect(reasons({ status }, {})).toEqual([]);
});

test("every reason is told", () => {
  expect(
    reasons(
      { status: "draining", supported_tasks: [], cost: 3 },
      { maxCost: 2, requirements: { cpu_cores: 4, gpu_info: { model: "A100" }, installed_models: ["m"] } },
    ),
  ).toEqual([
    "it is draining",
    'it doesn\'t support "resize" at present',
    "its cost is 3, above the limit of 2",
    "its cpu_cores is unknown, at least 4 is required",
    "it has no GPU",
    'it lacks the installed models "m"',
  ]);
  expect(reasons({ status: "offline" }, {})).toEqual(["it is offline"]);
});

describe("cost", () => {
  test("of the skill, else per second, else in general, else unknown", () => {
    expect(costOf(worker({ cost_per_skill: { resize: 0 }, cost_per_second: 1, cost: 2 }), "resize")).toBe(0);
    expect(costOf(worker({ cost_per_skill: { other: 0 }, cost_per_second: 1, cost: 2 }), "resize")).toBe(1);
    expect(costOf(worker({ cost: 2 }), "resize")).toBe(2);
    expect(costOf(worker(), "resize")).toBeNull();
    expect(costOf(worker({ cost_per_skill: {} }), "constructor")).toBeNull();
  });

  test("is limited by maxCost, which an unknown one never fulfils", () => {
    expect(reasons({ cost: 2 }, { maxCost: 2 })).toEqual([]);
    expect(reasons({ cost: 0 }, { maxCost: 0 })).toEqual([]);
    expect(reasons({}, { maxCost: 5 })).toEqual(["its cost is unknown, and the limit is 5"]);
    expect(reasons({}, { maxCost: null })).toEqual([]);
  });
});

describe("requirements", () => {
  const gpu = { resources: { gpu_info: { model: "NVIDIA RTX 3090", vram_gb: 24, count: 2 } } };

  test("the GPU's model is contained, its memory a minimum, the rest as elsewhere", () => {
    expect(needs({ gpu_info: { model: "RTX 3090", vram_gb: 24, count: 1 } }, gpu)).toEqual([]);
    expect(needs({ gpu_info: { model: "A100", vram_gb: 48, brand: "x" } }, gpu)).toEqual([
      'its gpu_info.model is "NVIDIA RTX 3090", which doesn\'t contain "A100"',
      "its gpu_info.vram_gb is 24, at least 48 is required",
      'its gpu_info.brand is unknown, not "x"',
    ]);
    expect(needs({ gpu_info: { model: "A100" } }, { resources: { gpu_info: { vram_gb: 1 } } })).toEqual([
      'its gpu_info.model is unknown, which doesn\'t contain "A100"',
    ]);
    expect(needs({ gpu_info: { model: "A" } }, { resources: { gpu_info: null } })).toEqual(["it has no GPU"]);
  });

  test("all models by name", () => {
    const record = { installed_models: [{ name: "a", version: "1" }, "b"] };
    expect(needs({ installed_models: ["a", "b"] }, record)).toEqual([]);
    expect(needs({ installed_models: ["a", "c", "d"] }, record)).toEqual(['it lacks the installed models "c", "d"']);
  });

  test("further keys: a number is a minimum, anything else equality", () => {
    const record = { resources: { ram_gb: 16, disk: "ssd", tags: ["a", { b: 1 }], os: { name: "linux" }, fast: true } };
    expect(
      needs({ ram_gb: 16, disk: "ssd", tags: ["a", { b: 1 }], os: { name: "linux" }, fast: true }, record),
    ).toEqual([]);
    expect(needs({ ram_gb: 17 }, record)).toEqual(["its ram_gb is 16, at least 17 is required"]);
    expect(needs({ disk: 1 }, record)).toEqual(['its disk is "ssd", at least 1 is required']);
    const unequal: Json[] = [["a"], ["a", { b: 2 }], { 0: "a", 1: { b: 1 } }, "a", ["b", { b: 1 }]];
    for (const tags of unequal) expect(needs({ tags }, record)).toHaveLength(1);
    expect(needs({ os: { name: "linux", version: 1 } }, record)).toEqual([
      'its os is {"name":"linux"}, not {"name":"linux","version":1}',
    ]);
    expect(needs({ os: { arch: "linux" } }, record)).toHaveLength(1);
    expect(needs({ os: "linux" }, record)).toHaveLength(1);
    expect(needs({ none: { a: 1 } }, { none: null })).toEqual(['its none is null, not {"a":1}']);
  });

  test("they are looked up in resources, then capabilities, then the record, also in snake_case", () => {
    const record = {
      resources: { a: 1 },
      capabilities: { a: 5, b: 5, zone_name: "eu" },
      a: 9,
      b: 9,
      worker_type: "gpu",
    };
    expect(needs({ a: 2 }, record)).toHaveLength(1);
    expect(needs({ b: 6 }, record)).toHaveLength(1);
    expect(needs({ b: 5, worker_type: "gpu", zoneName: "eu" }, record)).toEqual([]);
    expect(needs({ zoneName: "eu" }, { zoneName: "us", zone_name: "eu" })).toHaveLength(1);
    expect(needs({ constructor: "x", toString: "y" }, {})).toHaveLength(2);
  });
});

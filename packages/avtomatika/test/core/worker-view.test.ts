import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "#core/json";
import { normaliseWorker } from "#core/worker-view";

test("an empty record", () => {
  expect(normaliseWorker({})).toEqual({
    id: "",
    supportedTasks: new Set(),
    maxConcurrentTasks: 10,
    status: null,
    load: 0,
    hot: new Set(),
    costPerSkill: new Map(),
    cost: null,
    gpu: null,
    installedModels: new Set(),
    places: [{}, {}, {}],
  });
});

test("the record of 1.0b3", () => {
  const record = {
    worker_id: "w1",
    supported_tasks: ["a", "b"],
    max_concurrent_tasks: 3,
    cost_per_skill: { a: 0.5 },
    cost_per_second: 2,
    cost: 1,
    installed_models: [{ name: "llama", version: "1" }, "bert"],
    resources: { cpu_cores: 4, gpu_info: { model: "RTX 3090", vram_gb: 24 } },
    status: "idle",
    load: 2,
    hot_skills: ["a"],
    hot_cache: ["b", "m"],
  };
  expect(normaliseWorker(record)).toEqual({
    id: "w1",
    supportedTasks: new Set(["a", "b"]),
    maxConcurrentTasks: 3,
    status: "idle",
    load: 2,
    hot: new Set(["a", "b", "m"]),
    costPerSkill: new Map([["a", 0.5]]),
    cost: 2,
    gpu: { model: "RTX 3090", vram_gb: 24 },
    installedModels: new Set(["llama", "bert"]),
    places: [record.resources, {}, record],
  });
});

test("the record of 1.0b7: other names, other places", () => {
  const view = normaliseWorker({
    worker_id: "w7",
    supported_skills: ["a", { name: "b", type: "x" }, { type: "nameless" }, 5],
    resources: { max_concurrent_tasks: 2.9, cost: 7 },
    capabilities: { cost_per_skill: { a: 1, b: 2 }, installed_models: ["bert"], gpu_info: { model: "A100" } },
    cost_per_skill: { a: 3 },
    current_tasks: ["t1", "t2"],
    hot_skills: [{ name: "b" }],
  });
  expect(view).toMatchObject({ maxConcurrentTasks: 2, cost: 7, load: 2, gpu: { model: "A100" } });
  expect(view.supportedTasks).toEqual(new Set(["a", "b"]));
  expect(view.costPerSkill).toEqual(
    new Map([
      ["a", 3],
      ["b", 2],
    ]),
  );
  expect(view.installedModels).toEqual(new Set(["bert"]));
  expect(view.hot).toEqual(new Set(["b"]));
});

test("an empty supported_tasks means none, null is no statement, and the engine's types are nobody's", () => {
  expect(normaliseWorker({ supported_tasks: [], supported_skills: ["a"] }).supportedTasks).toEqual(new Set());
  expect(normaliseWorker({ supported_tasks: null, supported_skills: ["a"] }).supportedTasks).toEqual(new Set(["a"]));
  expect(normaliseWorker({ supported_tasks: ["$webhook", "a", ""] }).supportedTasks).toEqual(new Set(["a"]));
});

test("odd values count as absent", () => {
  const view = normaliseWorker({
    worker_id: 5,
    max_concurrent_tasks: "4",
    status: 1,
    load: -1,
    cost: -2,
    cost_per_second: "x",
    cost_per_skill: { a: "1", b: null, c: -1 },
    resources: { gpu_info: "RTX" },
    capabilities: [],
  });
  expect(view).toMatchObject({ id: "", maxConcurrentTasks: 10, status: null, load: 0, cost: null, gpu: null });
  expect(view.costPerSkill.size).toBe(0);
});

test("never throws", () => {
  const key = fc.constantFrom(
    "worker_id",
    "supported_tasks",
    "supported_skills",
    "max_concurrent_tasks",
    "status",
    "load",
    "current_tasks",
    "hot_skills",
    "hot_cache",
    "cost",
    "cost_per_second",
    "cost_per_skill",
    "installed_models",
    "resources",
    "capabilities",
    "gpu_info",
    "__proto__",
  );
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 3 })), (record) => {
      expect(normaliseWorker(record as JsonObject).maxConcurrentTasks).toBeGreaterThanOrEqual(0);
    }),
  );
});

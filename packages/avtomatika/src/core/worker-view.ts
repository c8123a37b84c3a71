import type { Json, JsonObject } from "#core/json";
import { isTaskType } from "#core/names";
import { getOwn, isObject } from "#core/plain-object";

/** A worker's record as matching and ranking read it, whatever the version of its SDK. */
export interface WorkerView {
  id: string;
  supportedTasks: ReadonlySet<string>;
  maxConcurrentTasks: number;
  /** As the worker sent it; null if it never did. */
  status: string | null;
  load: number;
  /** Task types (or the names of their models) that it holds ready: hot skills and hot cache together. */
  hot: ReadonlySet<string>;
  costPerSkill: ReadonlyMap<string, number>;
  /** For any other type; null if it names none. */
  cost: number | null;
  gpu: JsonObject | null;
  /** Names. */
  installedModels: ReadonlySet<string>;
  /** Where further requirements are looked up, in this order. */
  places: readonly JsonObject[];
}

/** What a worker that names no limit may run at once. */
const defaultConcurrency = 10;

/** Reads a worker's record in all the spellings of the SDKs. Odd values count as absent; never throws. */
export function normaliseWorker(record: JsonObject): WorkerView {
  const resources = objectOr(getOwn(record, "resources"));
  const capabilities = objectOr(getOwn(record, "capabilities"));
  // Limits, costs and models moved from the record into the other two over the years.
  const look = [record, resources, capabilities];
  return {
    id: textOr(getOwn(record, "worker_id")) ?? "",
    supportedTasks: readTasks(record),
    maxConcurrentTasks: Math.floor(findNumber(look, "max_concurrent_tasks") ?? defaultConcurrency),
    status: textOr(getOwn(record, "status")) ?? null,
    load: findNumber([record], "load") ?? names(getOwn(record, "current_tasks")).length,
    hot: new Set([...names(getOwn(record, "hot_skills")), ...names(getOwn(record, "hot_cache"))]),
    costPerSkill: readSkillCosts(look),
    cost: findNumber(look, "cost_per_second") ?? findNumber(look, "cost") ?? null,
    gpu: findGpu(look),
    installedModels: new Set(look.flatMap((place) => names(getOwn(place, "installed_models")))),
    places: [resources, capabilities, record],
  };
}

/** `supported_skills` replaced `supported_tasks` in 1.0b7. Types of the engine itself are nobody's. */
function readTasks(record: JsonObject): Set<string> {
  const tasks = getOwn(record, "supported_tasks");
  return new Set(names(Array.isArray(tasks) ? tasks : getOwn(record, "supported_skills")).filter(isTaskType));
}

function readSkillCosts(places: readonly JsonObject[]): Map<string, number> {
  const costs = new Map<string, number>();
  for (const place of places) {
    for (const [type, cost] of Object.entries(objectOr(getOwn(place, "cost_per_skill")))) {
      if (isAmount(cost) && !costs.has(type)) costs.set(type, cost);
    }
  }
  return costs;
}

function findGpu(places: readonly JsonObject[]): JsonObject | null {
  for (const place of places) {
    const gpu = getOwn(place, "gpu_info");
    if (isObject(gpu)) return gpu;
  }
  return null;
}

function findNumber(places: readonly JsonObject[], key: string): number | undefined {
  return places.map((place) => getOwn(place, key)).find(isAmount);
}

/** The names in a list of strings and of objects with a `name`. */
function names(list: Json | undefined): string[] {
  if (!Array.isArray(list)) return [];
  return list.map((item) => (isObject(item) ? item["name"] : item)).filter((name) => typeof name === "string");
}

function isAmount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function objectOr(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function textOr(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

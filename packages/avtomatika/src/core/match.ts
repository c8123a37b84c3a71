import type { Requirements } from "#core/action";
import type { Json, JsonObject } from "#core/json";
import { getOwn } from "#core/plain-object";
import type { Lane } from "#core/task";
import type { WorkerView } from "#core/worker-view";

export type Match = { eligible: true } | { eligible: false; reasons: string[] };

/**
 * Whether a worker may take the tasks of a lane, with every reason why not. Whether it has a free slot is known
 * to the store alone.
 */
export function match(worker: WorkerView, lane: Lane): Match {
  const reasons: string[] = [];
  if (worker.status === "draining" || worker.status === "offline") reasons.push(`it is ${worker.status}`);
  if (!worker.supportedTasks.has(lane.type)) reasons.push(`it doesn't support "${lane.type}" at present`);
  if (lane.maxCost !== null) checkCost(worker, lane.type, lane.maxCost, reasons);
  if (lane.requirements !== null) checkRequirements(worker, lane.requirements, reasons);
  return reasons.length === 0 ? { eligible: true } : { eligible: false, reasons };
}

/** What a worker's time costs for a task type, or null if it doesn't say. */
export function costOf(worker: WorkerView, type: string): number | null {
  return worker.costPerSkill.get(type) ?? worker.cost;
}

function checkCost(worker: WorkerView, type: string, maxCost: number, reasons: string[]): void {
  const cost = costOf(worker, type);
  if (cost === null) reasons.push(`its cost is unknown, and the limit is ${maxCost}`);
  else if (cost > maxCost) reasons.push(`its cost is ${cost}, above the limit of ${maxCost}`);
}

function checkRequirements(worker: WorkerView, requirements: Requirements, reasons: string[]): void {
  for (const key of Object.keys(requirements)) {
    const wanted = requirements[key] as Json;
    if (key === "gpu_info") checkGpu(worker.gpu, wanted as JsonObject, reasons);
    else if (key === "installed_models") checkModels(worker, wanted as string[], reasons);
    else checkValue(key, findValue(worker.places, key), wanted, reasons);
  }
}

function checkGpu(gpu: JsonObject | null, wanted: JsonObject, reasons: string[]): void {
  if (gpu === null) {
    reasons.push("it has no GPU");
    return;
  }
  for (const key of Object.keys(wanted)) {
    const value = wanted[key] as Json;
    const has = findValue([gpu], key);
    if (key !== "model") checkValue(`gpu_info.${key}`, has, value, reasons);
    else if (typeof has !== "string" || !has.includes(value as string)) {
      reasons.push(`its gpu_info.model is ${shown(has)}, which doesn't contain ${shown(value)}`);
    }
  }
}

function checkModels(worker: WorkerView, wanted: readonly string[], reasons: string[]): void {
  const missing = wanted.filter((name) => !worker.installedModels.has(name));
  if (missing.length > 0) reasons.push(`it lacks the installed models ${missing.map(shown).join(", ")}`);
}

/** A number is a minimum, anything else must be equal. */
function checkValue(key: string, has: Json | undefined, wanted: Json, reasons: string[]): void {
  if (typeof wanted !== "number") {
    if (!isEqual(has, wanted)) reasons.push(`its ${key} is ${shown(has)}, not ${shown(wanted)}`);
  } else if (typeof has !== "number" || has < wanted) {
    reasons.push(`its ${key} is ${shown(has)}, at least ${wanted} is required`);
  }
}

/** Under the key as it was written, else under its snake_case form, which workers use. */
function findValue(places: readonly JsonObject[], key: string): Json | undefined {
  for (const spelling of [key, key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]) {
    const place = places.find((candidate) => Object.hasOwn(candidate, spelling));
    if (place !== undefined) return place[spelling];
  }
  return undefined;
}

function isEqual(a: Json | undefined, b: Json): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(b);
  if (Object.keys(a).length !== keys.length) return false;
  return keys.every((key) => isEqual(getOwn(a as JsonObject, key), (b as JsonObject)[key] as Json));
}

function shown(value: Json | undefined): string {
  return value === undefined ? "unknown" : JSON.stringify(value);
}

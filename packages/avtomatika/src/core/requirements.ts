import type { Requirements } from "#core/action";
import { describe } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Json, JsonObject } from "#core/json";
import { isObject, setOwn } from "#core/plain-object";
import { toJson } from "#core/to-json";

/** The keys that workers use, by the spelling a TypeScript author may write. */
const snakeCase: Readonly<Record<string, string>> = {
  gpuInfo: "gpu_info",
  vramGb: "vram_gb",
  cpuCores: "cpu_cores",
  ramGb: "ram_gb",
  installedModels: "installed_models",
  installedSoftware: "installed_software",
  workerType: "worker_type",
};

/**
 * Resource requirements as `match` reads them: snake_case for the known keys, keys sorted, models as a sorted
 * list of names, what requires nothing left out; null if nothing is left. Equal requirements give equal JSON
 * text. `name` is what messages call the input. Throws `invalid_argument` for a wrong type or a key given in both
 * spellings, `not_json` for what isn't JSON.
 */
export function normaliseRequirements(input: unknown, name = "resourceRequirements"): Requirements | null {
  if (input === undefined || input === null) return null;
  const given = toJson(input, name);
  if (!isObject(given)) throw wrong(name, "an object", given);
  const result: JsonObject = {};
  for (const [key, value] of sortedEntries(given, name)) {
    const checked = check(key, value, `${name}.${key}`);
    if (checked !== null) setOwn(result, key, checked);
  }
  return Object.keys(result).length === 0 ? null : result;
}

/** The value in its canonical form, or null where it requires nothing. */
function check(key: string, value: Json, path: string): Json {
  if (value === null) return null;
  switch (key) {
    case "gpu_info":
      return checkGpu(value, path);
    case "installed_models":
      return checkModels(value, path);
    case "cpu_cores":
      return checkNumber(value, path);
    default:
      return canonical(value);
  }
}

function checkGpu(value: Json, path: string): Json {
  if (!isObject(value)) throw wrong(path, "an object like { model, vram_gb }", value);
  const gpu: JsonObject = {};
  for (const [key, item] of sortedEntries(value, path)) {
    if (item === null) continue;
    if (key === "model" && typeof item !== "string") throw wrong(`${path}.model`, "a string", item);
    setOwn(gpu, key, key === "vram_gb" ? checkNumber(item, `${path}.vram_gb`) : canonical(item));
  }
  return Object.keys(gpu).length === 0 ? null : gpu;
}

function checkModels(value: Json, path: string): Json {
  if (!Array.isArray(value)) throw wrong(path, "a list of names", value);
  const names = value.map((model, index) => {
    const name = isObject(model) ? model["name"] : model;
    if (typeof name !== "string") throw wrong(`${path}[${index}]`, "a name or an object with a name", model);
    return name;
  });
  return names.length === 0 ? null : [...new Set(names)].sort();
}

function checkNumber(value: Json, path: string): number {
  if (typeof value !== "number") throw wrong(path, "a number", value);
  return value;
}

/** The entries under their canonical keys, in their order. */
function sortedEntries(object: JsonObject, path: string): [string, Json][] {
  const entries = new Map<string, Json>();
  for (const [spelling, value] of Object.entries(object)) {
    const key = Object.hasOwn(snakeCase, spelling) ? (snakeCase[spelling] as string) : spelling;
    if (entries.has(key)) {
      throw new AvtomatikaError("invalid_argument", `${path}.${key} is given twice, in two spellings`);
    }
    entries.set(key, value);
  }
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same value with the keys of every object sorted. */
function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value).sort()) setOwn(result, key, canonical(value[key] as Json));
  return result;
}

function wrong(path: string, expected: string, value: Json): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", `${path} must be ${expected}, got ${describe(value)}`);
}

import { expect, test } from "vitest";
import { NotJsonError } from "#core/errors";
import { normaliseRequirements } from "#core/requirements";

test("the known keys may be written in camelCase; the rest stays as it is", () => {
  expect(
    normaliseRequirements({
      installedModels: ["llama", { name: "bert", version: "1" }, "llama"],
      cpuCores: 4,
      gpuInfo: { vramGb: 24, model: "RTX" },
      ramGb: 16,
      installedSoftware: { python: "3" },
      workerType: "gpu",
      myOwnKey: true,
    }),
  ).toEqual({
    cpu_cores: 4,
    gpu_info: { model: "RTX", vram_gb: 24 },
    installed_models: ["bert", "llama"],
    installed_software: { python: "3" },
    myOwnKey: true,
    ram_gb: 16,
    worker_type: "gpu",
  });
});

test("equal requirements give equal text", () => {
  const a = normaliseRequirements({
    cpu_cores: 1,
    extra: { b: [{ y: 1, x: 2 }], a: 1 },
    gpu_info: { vram_gb: 1, model: "m" },
  });
  const b = normaliseRequirements({
    gpuInfo: { model: "m", vramGb: 1 },
    extra: { a: 1, b: [{ x: 2, y: 1 }] },
    cpuCores: 1,
  });
  expect(JSON.stringify(a)).toBe(JSON.stringify(b));
});

test.each([
  undefined,
  null,
  {},
  { gpu_info: null, cpu_cores: null, installed_models: null, other: null },
  { gpu_info: {}, installed_models: [] },
  { gpu_info: { model: null } },
  { cpu_cores: undefined },
])("%o requires nothing", (input) => {
  expect(normaliseRequirements(input)).toBeNull();
});

test.each<[unknown, string]>([
  [5, "resourceRequirements must be an object, got 5"],
  [["a"], "resourceRequirements must be an object, got an array of 1"],
  [{ gpuInfo: "RTX" }, 'resourceRequirements.gpu_info must be an object like { model, vram_gb }, got "RTX"'],
  [{ gpuInfo: { model: 3090 } }, "resourceRequirements.gpu_info.model must be a string, got 3090"],
  [{ gpuInfo: { vramGb: "24" } }, 'resourceRequirements.gpu_info.vram_gb must be a number, got "24"'],
  [{ installedModels: "llama" }, 'resourceRequirements.installed_models must be a list of names, got "llama"'],
  [
    { installedModels: ["a", { version: 1 }] },
    "resourceRequirements.installed_models[1] must be a name or an object with a name, got an object",
  ],
  [{ cpuCores: "4" }, 'resourceRequirements.cpu_cores must be a number, got "4"'],
  [{ cpuCores: 4, cpu_cores: 2 }, "resourceRequirements.cpu_cores is given twice, in two spellings"],
])("%o is refused", (input, message) => {
  expect(() => normaliseRequirements(input)).toThrow(message);
});

test("what isn't JSON is refused with its path", () => {
  expect(() => normaliseRequirements({ cpuCores: Number.NaN }, "here")).toThrow(NotJsonError);
  expect(() => normaliseRequirements({ cpuCores: Number.NaN }, "here")).toThrow("here.cpuCores is NaN");
});

test("hostile keys are data", () => {
  const result = normaliseRequirements(JSON.parse('{"__proto__": {"__proto__": 1}, "constructor": "x"}'));
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  expect(JSON.stringify(result)).toBe('{"__proto__":{"__proto__":1},"constructor":"x"}');
});

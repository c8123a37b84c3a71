import { hostname } from "node:os";
import type { WorkerOptions, WorkerResources } from "#options/worker-options";

/** The fields of a registration that don't change while the process lives. */
export function registrationRecord(options: WorkerOptions): Record<string, unknown> {
  const record = {
    worker_id: options.workerId,
    worker_type: options.workerType ?? "generic-worker",
    max_concurrent_tasks: options.maxConcurrentTasks,
    cost_per_second: options.costPerSecond,
    cost_per_skill: options.costPerSkill,
    resources: options.resources && wireResources(options.resources),
    installed_models: options.installedModels,
    installed_software: options.installedSoftware,
    hot_cache: options.hotCache,
    capabilities: options.capabilities,
    hostname: hostname(),
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function wireResources(resources: WorkerResources): Record<string, unknown> {
  const { cpuCores, gpuInfo, ...more } = resources;
  return {
    ...more,
    ...(cpuCores !== undefined && { cpu_cores: cpuCores }),
    ...(gpuInfo !== undefined && { gpu_info: gpuInfo === null ? null : wireGpu(gpuInfo) }),
  };
}

function wireGpu({ vramGb, ...gpu }: NonNullable<WorkerResources["gpuInfo"]>): Record<string, unknown> {
  return vramGb === undefined ? gpu : { ...gpu, vram_gb: vramGb };
}

import type { S3Settings } from "#files/s3-options";
import type { Logger } from "#logger/logger";
import type { WorkerOptions } from "#options/worker-options";

/** Options after the environment and the defaults, checked. */
export interface Settings {
  url: URL;
  token: string;
  workerId: string;
  maxConcurrentTasks: number;
  heartbeatIntervalMs: number;
  pollTimeoutSeconds: number;
  drainTimeoutMs: number;
  abortGraceMs: number;
  s3: S3Settings | null;
  /** Absolute. */
  taskFilesDir: string;
  logger: Logger;
  /** What is to be told at the start. */
  warnings: readonly string[];
  /** The fields of the registration that stay the same while the process lives. */
  record: Readonly<Record<string, unknown>>;
}

/** Every option's name: the compiler sees to it that none is missing. */
const names: Readonly<Record<keyof WorkerOptions, true>> = {
  orchestratorUrl: true,
  token: true,
  workerId: true,
  workerType: true,
  maxConcurrentTasks: true,
  costPerSecond: true,
  costPerSkill: true,
  resources: true,
  installedModels: true,
  installedSoftware: true,
  hotCache: true,
  capabilities: true,
  heartbeatIntervalMs: true,
  pollTimeoutSeconds: true,
  drainTimeoutMs: true,
  abortGraceMs: true,
  s3: true,
  taskFilesDir: true,
  logger: true,
};
export const optionNames: readonly string[] = Object.keys(names);

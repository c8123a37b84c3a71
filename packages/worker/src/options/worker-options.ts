import type { S3Options } from "#files/s3-options";
import type { Logger } from "#logger/logger";

/**
 * How a worker is set up. What is left out comes from the environment variable in brackets, then from the default.
 * Unknown names and values of a wrong kind throw a `TypeError` at construction.
 */
export interface WorkerOptions {
  /** Where the engine is, a path before `/_worker` included (`ORCHESTRATOR_URL`). Default `http://localhost:8080`. */
  orchestratorUrl?: string | URL | undefined;
  /** The worker's token, its own or the shared one (`WORKER_INDIVIDUAL_TOKEN`, then `WORKER_TOKEN`). Needed. */
  token?: string | undefined;
  /** 1 to 128 characters; one process per id (`WORKER_ID`). Default `worker-<uuid>`, another one with each start. */
  workerId?: string | undefined;
  /** For people who look at lists (`WORKER_TYPE`). Default `generic-worker`. */
  workerType?: string | undefined;
  /** How many tasks run at a time (`MAX_CONCURRENT_TASKS`). Default 10. */
  maxConcurrentTasks?: number | undefined;
  /** What a second costs, for every task that `costPerSkill` doesn't name. */
  costPerSecond?: number | undefined;
  /** What a second costs by task type (`COST_PER_SKILL`, JSON). */
  costPerSkill?: Readonly<Record<string, number>> | undefined;
  /** What the machine has (`CPU_CORES`, `GPU_MODEL`, `GPU_VRAM_GB`). */
  resources?: WorkerResources | undefined;
  /** Models that are installed (`INSTALLED_MODELS`, JSON). */
  installedModels?: readonly InstalledModel[] | undefined;
  /** Whatever else is installed (`INSTALLED_SOFTWARE`, JSON). */
  installedSoftware?: Readonly<Record<string, unknown>> | undefined;
  /** Task types, models or files that are loaded already: such workers are preferred. */
  hotCache?: readonly string[] | undefined;
  /** Whatever else tasks may require of a worker, verbatim. */
  capabilities?: Readonly<Record<string, unknown>> | undefined;
  /** How often the worker says that it is there, in milliseconds (`HEARTBEAT_INTERVAL`, in seconds). Default 15,000. */
  heartbeatIntervalMs?: number | undefined;
  /** How long the engine may hold a poll, in seconds (`TASK_POLL_TIMEOUT`). Default 30. */
  pollTimeoutSeconds?: number | undefined;
  /**
   * How long `stop()` waits for running tasks and their results before it aborts their signals, in milliseconds
   * (`WORKER_SHUTDOWN_TIMEOUT`, in seconds). Default 25,000: with what follows it stays within the 30 s of Kubernetes.
   */
  drainTimeoutMs?: number | undefined;
  /**
   * How long a handler may go on after its signal has aborted before its slot is given away, in milliseconds. Default
   * 30,000; when the worker stops 2,000 at most.
   */
  abortGraceMs?: number | undefined;
  /** Where files come from and go to (`S3_ENDPOINT_URL` and the like). Without it `s3://` addresses and paths are just texts. */
  s3?: S3Options | undefined;
  /** Where each task has a folder of its own, on demand (`TASK_FILES_DIR`). Default `payloads` in the system's folder for temporary files. */
  taskFilesDir?: string | undefined;
  /** pino, or anything with its methods. Default: JSON lines on stderr, from the level `LOG_LEVEL` (`info`) on. */
  logger?: Logger | undefined;
}

/** The names of the wire are taken as well: `cpu_cores`, `gpu_info: { model, vram_gb }`. */
export interface WorkerResources {
  readonly cpuCores?: number;
  readonly gpuInfo?: { readonly model: string; readonly vramGb?: number; readonly [more: string]: unknown } | null;
  /** Anything else is sent verbatim. */
  readonly [more: string]: unknown;
}

export interface InstalledModel {
  readonly name: string;
  readonly version?: string;
  readonly [more: string]: unknown;
}

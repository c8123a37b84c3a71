import type { S3Options } from "#files/s3-options";
import { messageOf } from "#task/errors";

type Environment = Readonly<Record<string, string | undefined>>;
type Read = (text: string) => unknown;

/** The Python SDK's names. An empty variable counts as none. */
const variables: readonly { option: string; names: readonly string[]; read: Read }[] = [
  { option: "orchestratorUrl", names: ["ORCHESTRATOR_URL"], read: String },
  { option: "token", names: ["WORKER_INDIVIDUAL_TOKEN", "WORKER_TOKEN"], read: String },
  { option: "workerId", names: ["WORKER_ID"], read: String },
  { option: "workerType", names: ["WORKER_TYPE"], read: String },
  { option: "maxConcurrentTasks", names: ["MAX_CONCURRENT_TASKS"], read: number },
  { option: "costPerSkill", names: ["COST_PER_SKILL"], read: JSON.parse },
  { option: "installedModels", names: ["INSTALLED_MODELS"], read: JSON.parse },
  { option: "installedSoftware", names: ["INSTALLED_SOFTWARE"], read: JSON.parse },
  { option: "heartbeatIntervalMs", names: ["HEARTBEAT_INTERVAL"], read: milliseconds },
  { option: "pollTimeoutSeconds", names: ["TASK_POLL_TIMEOUT"], read: number },
  { option: "drainTimeoutMs", names: ["WORKER_SHUTDOWN_TIMEOUT"], read: milliseconds },
  { option: "taskFilesDir", names: ["TASK_FILES_DIR"], read: String },
];

const s3Variables = {
  endpointUrl: "S3_ENDPOINT_URL",
  accessKey: "S3_ACCESS_KEY",
  secretKey: "S3_SECRET_KEY",
  defaultBucket: "S3_DEFAULT_BUCKET",
  region: "S3_REGION",
} as const satisfies Partial<Record<keyof S3Options, string>>;

/** Every variable that is read, here or for the logger. */
export const variableNames: readonly string[] = [
  ...variables.flatMap(({ names }) => names),
  ...Object.values(s3Variables),
  ...["CPU_CORES", "GPU_MODEL", "GPU_VRAM_GB", "LOG_LEVEL"],
];

/** What the environment says of a store. */
export function readS3Environment(environment: Environment): S3Options {
  const given = Object.entries(s3Variables).map(([option, name]) => [option, environment[name]]);
  return Object.fromEntries(given.filter(([, value]) => value));
}

/** Options from the environment. Throws a `TypeError` that names the variable whose text can't be read. */
export function readEnvironment(environment: Environment): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const { option, names, read } of variables) {
    const name = names.find((one) => environment[one]);
    if (name !== undefined) options[option] = readVariable(name, environment[name] ?? "", read);
  }
  const resources = readResources(environment);
  if (Object.keys(resources).length > 0) options["resources"] = resources;
  return options;
}

function readResources(environment: Environment): Record<string, unknown> {
  const { CPU_CORES: cores, GPU_MODEL: model, GPU_VRAM_GB: memory } = environment;
  return {
    ...(cores && { cpu_cores: readVariable("CPU_CORES", cores, number) }),
    ...(model && {
      gpu_info: { model, ...(memory && { vram_gb: readVariable("GPU_VRAM_GB", memory, number) }) },
    }),
  };
}

function readVariable(name: string, text: string, read: Read): unknown {
  try {
    return read(text);
  } catch (error) {
    throw new TypeError(`${name}: ${messageOf(error)}`);
  }
}

function number(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new TypeError(`expected a number, got ${JSON.stringify(text)}`);
}

function milliseconds(seconds: string): number {
  return number(seconds) * 1000;
}

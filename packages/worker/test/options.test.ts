import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "@avtomatika/worker";
import { expect, test } from "vitest";
import { readOptions } from "#options/read-options";
import { optionNames } from "#options/settings";

const token = "secret";

test("what is left out comes from the environment, then from the defaults", () => {
  const { url, workerId, record, ...rest } = readOptions({ token }, {});
  expect(url.href).toBe("http://localhost:8080/");
  expect(workerId).toMatch(/^worker-[0-9a-f-]{36}$/);
  expect(record).toMatchObject({ worker_id: workerId, worker_type: "generic-worker", max_concurrent_tasks: 10 });
  expect(rest).toMatchObject({
    token,
    maxConcurrentTasks: 10,
    heartbeatIntervalMs: 15_000,
    pollTimeoutSeconds: 30,
    drainTimeoutMs: 25_000,
    abortGraceMs: 30_000,
    s3: null,
    taskFilesDir: join(tmpdir(), "payloads"),
  });
  const environment = {
    ORCHESTRATOR_URL: "https://engine/av",
    WORKER_TOKEN: "shared",
    WORKER_INDIVIDUAL_TOKEN: "own",
    WORKER_ID: "video-1",
    WORKER_TYPE: "gpu",
    MAX_CONCURRENT_TASKS: "4",
    COST_PER_SKILL: '{"a":0.5}',
    INSTALLED_MODELS: '[{"name":"m","version":"1"}]',
    INSTALLED_SOFTWARE: '{"node":"24"}',
    CPU_CORES: "8",
    GPU_MODEL: "H100",
    GPU_VRAM_GB: "80",
    HEARTBEAT_INTERVAL: "5",
    TASK_POLL_TIMEOUT: "20",
    WORKER_SHUTDOWN_TIMEOUT: "10",
    TASK_FILES_DIR: "/var/files/../tasks",
    S3_ENDPOINT_URL: "https://store/s3",
    S3_ACCESS_KEY: "key",
    S3_SECRET_KEY: "other",
    S3_DEFAULT_BUCKET: "results",
    S3_REGION: "eu-1",
  };
  const read = readOptions({}, environment);
  expect(read).toMatchObject({
    token: "own",
    workerId: "video-1",
    maxConcurrentTasks: 4,
    heartbeatIntervalMs: 5000,
    pollTimeoutSeconds: 20,
    drainTimeoutMs: 10_000,
    taskFilesDir: resolve("/var/tasks"),
    s3: {
      endpoint: new URL("https://store/s3"),
      accessKey: "key",
      secretKey: "other",
      bucket: "results",
      region: "eu-1",
      maxTransfers: 8,
    },
  });
  const s3 = { defaultBucket: "mine", region: undefined };
  expect(readOptions({ s3 }, environment).s3).toMatchObject({ bucket: "mine", region: "eu-1", accessKey: "key" });
  // Keys alone ask for nothing.
  expect(readOptions({ token }, { S3_ACCESS_KEY: "key", S3_ENDPOINT_URL: "" }).s3).toBeNull();
  expect(read.record).toMatchObject({
    worker_type: "gpu",
    cost_per_skill: { a: 0.5 },
    installed_models: [{ name: "m", version: "1" }],
    installed_software: { node: "24" },
    resources: { cpu_cores: 8, gpu_info: { model: "H100", vram_gb: 80 } },
  });
  expect(readOptions({ token: undefined, workerId: "mine" }, environment)).toMatchObject({
    token: "own",
    workerId: "mine",
  });
  expect(readOptions({}, { WORKER_TOKEN: "shared", WORKER_ID: "" }).workerId).toMatch(/^worker-/);
});

test.each<[object, Record<string, string>, string]>([
  [{}, {}, "token: expected the worker's token, here or in WORKER_TOKEN, got nothing"],
  [{}, { WORKR_TOKEN: "t" }, "WORKR_TOKEN is set, but nothing reads it: did you mean WORKER_TOKEN?"],
  [{ token, maxConcurentTasks: 4 }, {}, 'unknown option "maxConcurentTasks", did you mean "maxConcurrentTasks"?'],
  [{ token, colour: 4 }, {}, 'unknown option "colour"'],
  [{ token, maxConcurrentTasks: 0 }, {}, "maxConcurrentTasks: expected a whole number from 1 on, got 0"],
  [{ token, heartbeatIntervalMs: -1 }, {}, "heartbeatIntervalMs: expected a number above 0, got -1"],
  [{ token, drainTimeoutMs: Number.NaN }, {}, "drainTimeoutMs: expected a number from 0 on, got NaN"],
  [{ token, orchestratorUrl: "engine:8080" }, {}, 'orchestratorUrl: expected an http or https URL, got "engine:8080"'],
  [{ token, workerId: "$me" }, {}, "worker_id: expected a worker id"],
  [{ token, costPerSkill: { a: "free" } }, {}, "cost_per_skill"],
  [{ token }, { MAX_CONCURRENT_TASKS: "many" }, 'MAX_CONCURRENT_TASKS: expected a number, got "many"'],
  [{ token, s3: {} }, {}, "s3.endpointUrl: expected the store's URL, here or in S3_ENDPOINT_URL, got nothing"],
  [{ token, s3: { endpointUrl: "store:9000" } }, {}, 's3.endpointUrl: expected an http or https URL, got "store:9000"'],
  [
    { token },
    { S3_ENDPOINT_URL: "http://store" },
    "s3.accessKey: expected a text, here or in S3_ACCESS_KEY, got nothing",
  ],
  [
    { token, s3: { endpointUrl: "http://store", accessKey: "a", secretKey: 5 } },
    {},
    "s3.secretKey: expected a text, here or in S3_SECRET_KEY, got a number",
  ],
  [{ token, s3: { endpointUri: "http://store" } }, {}, 's3: unknown option "endpointUri", did you mean "endpointUrl"?'],
  [{ token, s3: true }, {}, "s3: expected an object with endpointUrl, accessKey, secretKey, got true"],
  [
    { token, s3: { endpointUrl: "http://store", accessKey: "a", secretKey: "b", defaultBucket: "a/b" } },
    {},
    's3.defaultBucket: expected a bucket\'s name, got "a/b"',
  ],
  [
    { token, s3: { endpointUrl: "http://store", accessKey: "a", secretKey: "b", maxTransfers: 0 } },
    {},
    "s3.maxTransfers: expected a whole number from 1 on, got 0",
  ],
  [{ token, taskFilesDir: "" }, {}, 'taskFilesDir: expected a folder\'s path, got ""'],
  [{ token }, { COST_PER_SKILL: "{" }, "COST_PER_SKILL: "],
])("%j with %j throws", (options, environment, message) => {
  expect(() => readOptions(options, environment)).toThrow(message);
});

test("a variable that looks like a misspelled one is to be told, those of others are not", () => {
  const warnings = (environment: Record<string, string>) => readOptions({ token }, environment).warnings;
  expect(warnings({ TASK_POLL_TIMEUOT: "5", HEARTBEAT_INTERVAL_SECONDS: "5", GPU_VRAM_BG: "80" })).toEqual([
    "TASK_POLL_TIMEUOT is set, but nothing reads it: did you mean TASK_POLL_TIMEOUT?",
    "HEARTBEAT_INTERVAL_SECONDS is set, but nothing reads it: did you mean HEARTBEAT_INTERVAL?",
  ]);
  const python =
    "WORKER_PORT ORCHESTRATORS_CONFIG MULTI_ORCHESTRATOR_MODE INSTALLED_ARTIFACTS WORKER_HEARTBEAT_DEBOUNCE_DELAY";
  const engine = "WORKER_TIMEOUT_SECONDS WORKER_POLL_TIMEOUT_SECONDS GLOBAL_WORKER_TOKEN CLIENT_TOKEN LOG_FORMAT";
  for (const name of `${python} ${engine} CPU_COUNT GPU_COUNT WORKER_IP HOSTNAME`.split(" ")) {
    expect(warnings({ [name]: "1" }), name).toEqual([]);
  }
});

test("every option has a place in the README", async () => {
  const { readFile } = await import("node:fs/promises");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(optionNames.filter((name) => !readme.includes(`| \`${name}\``))).toEqual([]);
});

test("task refuses what can't be a task", () => {
  const worker = new Worker({ token }).task("a", () => {});
  const task = worker.task.bind(worker) as (...values: unknown[]) => void;
  expect(() => task("a", () => {})).toThrow('the task "a" has a handler already');
  expect(() => task("b")).toThrow('the task "b" has no handler');
  expect(() => task("b", { maxConcurrent: 1 })).toThrow('the task "b" has no handler');
  expect(() => task("b", { maxConcurent: 1 }, () => {})).toThrow(
    'unknown option "maxConcurent", did you mean "maxConcurrent"?',
  );
  expect(() => task("b", { maxConcurrent: 0 }, () => {})).toThrow("maxConcurrent: expected a whole number");
  expect(() => task("b", { schema: {} }, () => {})).toThrow("expected a Standard Schema");
  for (const name of ["", "$b", "x".repeat(129), 5]) expect(() => task(name, () => {})).toThrow("a task type is");
});

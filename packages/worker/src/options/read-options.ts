import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { registration, violations } from "@avtomatika/protocol";
import { readS3 } from "#files/s3-options";
import { lineLogger } from "#logger/line-logger";
import { didYouMean } from "#options/did-you-mean";
import { misspelledVariables } from "#options/misspelled-variables";
import { readEnvironment, readS3Environment, variableNames } from "#options/read-environment";
import { registrationRecord } from "#options/registration-record";
import { optionNames, type Settings } from "#options/settings";
import { whole } from "#options/whole";
import type { WorkerOptions } from "#options/worker-options";

/** Options, environment and defaults, in this order. Throws a `TypeError` that names the option and what was expected. */
export function readOptions(
  given: WorkerOptions,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  refuseUnknown(given);
  const options: WorkerOptions = { ...readEnvironment(environment), ...stated(given) };
  const warnings = misspelledVariables(variableNames, environment);
  if (typeof options.token !== "string" || options.token === "") {
    const expected = "token: expected the worker's token, here or in WORKER_TOKEN, got nothing";
    throw new TypeError([expected, ...warnings].join("; "));
  }
  const workerId = options.workerId ?? `worker-${randomUUID()}`;
  const maxConcurrentTasks = whole("maxConcurrentTasks", options.maxConcurrentTasks ?? 10);
  const record = registrationRecord({ ...options, workerId, maxConcurrentTasks });
  const [problem] = violations(registration, { ...record, supported_tasks: [] }, "options");
  if (problem !== undefined) throw new TypeError(problem);
  return {
    url: readUrl(options.orchestratorUrl ?? "http://localhost:8080"),
    token: options.token,
    workerId,
    maxConcurrentTasks,
    heartbeatIntervalMs: positive("heartbeatIntervalMs", options.heartbeatIntervalMs ?? 15_000),
    pollTimeoutSeconds: positive("pollTimeoutSeconds", options.pollTimeoutSeconds ?? 30),
    drainTimeoutMs: positive("drainTimeoutMs", options.drainTimeoutMs ?? 25_000, 0),
    abortGraceMs: positive("abortGraceMs", options.abortGraceMs ?? 30_000, 0),
    s3: readS3(given.s3, readS3Environment(environment)),
    taskFilesDir: readFolder(options.taskFilesDir ?? join(tmpdir(), "payloads")),
    logger: (options.logger ?? lineLogger(environment["LOG_LEVEL"] ?? "info")).child({ workerId }),
    warnings,
    record,
  };
}

function refuseUnknown(options: object): void {
  for (const name of Object.keys(options)) {
    if (!optionNames.includes(name)) throw new TypeError(`unknown option "${name}"${didYouMean(name, optionNames)}`);
  }
}

/** `undefined` is no statement. */
function stated(options: WorkerOptions): WorkerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function readUrl(value: string | URL): URL {
  const url = URL.parse(String(value));
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new TypeError(`orchestratorUrl: expected an http or https URL, got ${JSON.stringify(String(value))}`);
}

function readFolder(value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return resolve(value);
  throw new TypeError(`taskFilesDir: expected a folder's path, got ${JSON.stringify(value)}`);
}

/** Timers of Node end at 24.8 days. */
const most = 2 ** 31 - 1;

function positive(name: string, value: unknown, least = Number.MIN_VALUE): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new TypeError(`${name}: expected a number ${least === 0 ? "from 0 on" : "above 0"}, got ${String(value)}`);
}

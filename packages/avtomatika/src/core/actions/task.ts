import type { Action, Strategy, TaskSpec } from "#core/action";
import { strategies } from "#core/action";
import { Options, wrong } from "#core/actions/options";
import { type RetryOptions, readRetry } from "#core/actions/retry-options";
import { type KnownStates, requireTransitions, type Target } from "#core/actions/states";
import type { JsonObject } from "#core/json";
import { requireTaskType } from "#core/names";
import { didYouMean } from "#core/nearest";
import { isObject } from "#core/plain-object";
import { normaliseRequirements } from "#core/requirements";
import { toJson } from "#core/to-json";

/** One task: alone, or a branch of a fan-out. Times are seconds, fractions allowed. */
export interface TaskOptions {
  /** 1 to 128 characters; `$` at the beginning is the engine's. */
  taskType: string;
  /** Copied through JSON at the call; default `{}`. */
  params?: object | undefined;
  /** Rounded to an integer in -1000…1000; default the job's. */
  priority?: number | undefined;
  dispatchStrategy?: Strategy | undefined;
  /** What the worker must have, in its own keys or their camelCase spelling. */
  resourceRequirements?: object | undefined;
  /** Workers that cost more, or don't say, are not eligible. */
  maxCost?: number | undefined;
  /** From hand-out to result; default `WORKER_TIMEOUT_SECONDS`. */
  timeoutSeconds?: number | undefined;
  /** How long an attempt may wait for a worker; default the job's `dispatch_timeout`. */
  dispatchTimeoutSeconds?: number | undefined;
  retry?: RetryOptions | undefined;
}

export interface DispatchTaskOptions<States extends string = string> extends TaskOptions {
  /** Result status, or error code, to state. A status that isn't listed leads to `failed`. */
  transitions: Readonly<Record<string, Target<States>>>;
}

const taskOptions = [
  "taskType",
  "params",
  "priority",
  "dispatchStrategy",
  "resourceRequirements",
  "maxCost",
  "timeoutSeconds",
  "dispatchTimeoutSeconds",
  "retry",
];
const branchKeys: ReadonlySet<string> = new Set(taskOptions);
const taskKeys: ReadonlySet<string> = new Set([...taskOptions, "transitions"]);

export function readTask(given: unknown, states: KnownStates): Action {
  const options = new Options("dispatchTask", given, taskKeys);
  const task = readSpec(options);
  return {
    kind: "task",
    task,
    transitions: requireTransitions(options.path("transitions"), options.get("transitions"), states),
  };
}

/** One branch of a fan-out; `call` is how messages call it. */
export function readBranch(call: string, given: unknown): TaskSpec {
  return readSpec(new Options(call, given, branchKeys));
}

/** Data for a worker or a child: a plain object, copied through JSON; `{}` if it isn't given. */
export function readData(options: Options, key: string): JsonObject {
  if (!options.isGiven(key)) return {};
  const path = options.path(key);
  const copy = toJson(options.get(key), path);
  if (!isObject(copy)) throw wrong(`${path} must be a plain object`, options.get(key));
  return copy;
}

function readSpec(options: Options): TaskSpec {
  const requirements = options.get("resourceRequirements");
  return {
    taskType: requireTaskType(options.path("taskType"), options.get("taskType")),
    params: readData(options, "params"),
    priority: readPriority(options),
    strategy: readStrategy(options),
    requirements: normaliseRequirements(requirements, options.path("resourceRequirements")),
    maxCost: options.number("maxCost", "a number, 0 or more", (value) => value >= 0),
    timeoutMs: options.timeout("timeoutSeconds"),
    dispatchTimeoutMs: options.timeout("dispatchTimeoutSeconds"),
    retry: options.isGiven("retry") ? readRetry(options.path("retry"), options.get("retry")) : null,
  };
}

function readPriority(options: Options): number | null {
  const inRange = (value: number) => Math.abs(Math.round(value)) <= 1000;
  const priority = options.number("priority", "a number in -1000…1000", inRange);
  return priority === null ? null : Math.round(priority) + 0; // no -0
}

function readStrategy(options: Options): Strategy {
  if (!options.isGiven("dispatchStrategy")) return "default";
  const given = options.get("dispatchStrategy");
  const strategy = strategies.find((name) => name === given);
  if (strategy !== undefined) return strategy;
  const hint = typeof given === "string" ? didYouMean(given, strategies) : "";
  throw wrong(`${options.path("dispatchStrategy")} must be one of ${strategies.join(", ")}`, given, hint);
}

import type { Logger } from "#logger/logger";
import type { StandardSchema } from "#task/standard-schema";

/** What a handler knows of its task beside the params. */
export interface TaskContext {
  readonly taskId: string;
  readonly jobId: string;
  /** Counts the attempts of this task from 1. */
  readonly attempt: number;
  /** When the engine stops waiting, by this machine's clock (an engine that names none: the end of time). */
  readonly deadline: Date;
  /** Aborts when the job was cancelled, the deadline has passed (`signal.reason.name` is `TimeoutError`), or the worker stops. */
  readonly signal: AbortSignal;
  /**
   * Tells how far the task is: `value` by convention 0 … 1. It resolves at once; the engine hears at most one a second
   * per task, and always the last one. Rejects with a `TypeError` if `value` is no finite number.
   */
  readonly progress: (value: number, message?: string) => Promise<void>;
  /**
   * A folder of this attempt's own, made when it is first asked for, and removed once the engine has the result. With
   * `s3` set, files whose paths are returned in the result's data are stored, and fetched ones are here.
   */
  readonly filesDir: string;
  /** Bound to the task. */
  readonly logger: Logger;
}

/** See `TaskResult` for when an object is a whole result; what can't be JSON is a permanent failure. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is one
export type Returned = object | string | number | boolean | null | undefined | void;

/** Does a task; throws `TransientError`, `PermanentError` or `InvalidInputError` to say how it failed. */
export type TaskHandler<Params> = (params: Params, context: TaskContext) => Returned | Promise<Returned>;

export interface TaskOptions<Params> {
  /** Params that violate it are answered `INVALID_INPUT_ERROR`; the handler gets its output. */
  schema?: StandardSchema<unknown, Params> | undefined;
  /** How many tasks of this type run at a time, besides `maxConcurrentTasks`; at least 1, no limit by default. */
  maxConcurrent?: number | undefined;
}

/** Params of a task that nothing is known about. */
// biome-ignore lint/suspicious/noExplicitAny: what the orchestrator sends is the author's to know
export type AnyParams = Record<string, any>;

/** A task type with everything that belongs to it. */
export interface TaskDefinition {
  readonly name: string;
  readonly handler: TaskHandler<never>;
  readonly schema: StandardSchema | undefined;
  /** `Infinity` without a limit. */
  readonly maxConcurrent: number;
}

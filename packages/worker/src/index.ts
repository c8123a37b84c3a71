/// <reference types="node" preserve="true" />

export type { S3Options } from "#files/s3-options";
export type { Logger, LogMethod } from "#logger/logger";
export type { InstalledModel, WorkerOptions, WorkerResources } from "#options/worker-options";
export { InvalidInputError, PermanentError, TransientError } from "#task/errors";
export type { TaskResult } from "#task/outcome";
export type { StandardSchema } from "#task/standard-schema";
export type { AnyParams, Returned, TaskContext, TaskHandler, TaskOptions } from "#task/task-handler";
export { Worker } from "#worker/worker";

/// <reference types="node" preserve="true" />
import "#graph/provide";

export type { Config, LogLevel } from "#config/config";
export { loadConfig } from "#config/load-config";
export type { Strategy } from "#core/action";
export type { Actions } from "#core/actions";
export type { DispatchTaskOptions, TaskOptions } from "#core/actions/task";
export { StateMachineBlueprint } from "#core/blueprint";
export type {
  BlueprintOptions,
  ConditionContext,
  StateHandler,
  StateOptions,
  WhenCondition,
  WhenOptions,
} from "#core/blueprint/signatures";
export type { AggregationResult, ClientInfo, HandlerContext } from "#core/context";
export type { StandardSchema } from "#core/definition";
export {
  ActionAlreadyChosenError,
  AvtomatikaError,
  type ErrorCode,
  NotJsonError,
  UnknownStateError,
} from "#core/errors";
export type { Json, JsonObject } from "#core/json";
export type { Logger, LogMethod } from "#core/logger";
export type { CreateJobOptions } from "#server/create-job";
export { type AnyBlueprint, OrchestratorEngine, type OrchestratorEngineOptions } from "#server/orchestrator-engine";
export { MemoryStorage, type MemoryStorageOptions } from "#storage/memory/memory-storage";
export { SqliteStorage, type SqliteStorageOptions } from "#storage/sqlite/sqlite-storage";
export type { Storage } from "#storage/storage";

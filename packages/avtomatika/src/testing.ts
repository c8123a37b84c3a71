/// <reference types="node" preserve="true" />
export type { Duration } from "#testing/duration";
export type { HistoryEntry, HistoryEventType } from "#testing/history";
export type { JobView } from "#testing/job-view";
export type { TestKit } from "#testing/kit";
export type { KitSettings, TestedBlueprint } from "#testing/kit-options";
export { type SimulateOptions, type SimulationFacts, type SimulationReport, simulate } from "#testing/simulate";
export { SimulationError } from "#testing/simulation-error";
export { type TestBlueprintOptions, testBlueprint } from "#testing/test-blueprint";
export type { TaskContext, TaskFunction, WorkerOptions } from "#testing/test-worker";
export { InvalidInputError, PermanentError, TransientError } from "#testing/worker-errors";

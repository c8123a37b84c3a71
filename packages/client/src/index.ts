/// <reference types="node" preserve="true" />

export { AvtomatikaClient } from "#client/avtomatika-client";
export type { AvtomatikaClientOptions } from "#client/client-options";
export type { CreateOptions } from "#create/creation";
export type { CreatedJob } from "#create/creator";
export type { DecideOptions } from "#fleet/approvals";
export type { BlueprintEntry } from "#fleet/blueprints";
export type { Dashboard } from "#fleet/dashboard";
export type { RequeueOptions } from "#fleet/quarantine";
export type { WorkerEntry } from "#fleet/workers";
export type { CallOptions } from "#http/caller";
export { AvtomatikaError, TimeoutError } from "#http/errors";
export type { RetryOptions } from "#http/retry-policy";
export type { JobExplanation } from "#jobs/explanation";
export type { JobEntry, JobPage, ListOptions, PageOptions } from "#jobs/job-list";
export type { JobStatus } from "#jobs/job-status";
export type { JobProgress, JobView } from "#jobs/job-view";
export type { CancelAnswer, RunOptions, WaitOptions } from "#jobs/jobs";
export type { StandardSchema } from "#jobs/result-schema";
export type { WaitingFor } from "#jobs/waiting-for";

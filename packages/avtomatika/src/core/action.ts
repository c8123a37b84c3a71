import type { Json, JsonObject } from "#core/json";
import type { RetryPolicy } from "#core/retry";

/** How a worker is chosen among those that could take a task now. */
export const strategies = ["default", "round_robin", "least_connections", "cheapest", "best_value"] as const;
export type Strategy = (typeof strategies)[number];

/** When a fan-out joins. */
export type Policy = "all" | "settled" | "any" | { quorum: number };

/** What a handler asked for, checked and normalised. Times are milliseconds. */
export type Action =
  | { kind: "transition"; state: string }
  | { kind: "task"; task: TaskSpec; transitions: Record<string, string> }
  | { kind: "fan-out"; tasks: TaskSpec[]; aggregateInto: string; policy: Policy; onFailure: string | null }
  | {
      kind: "approval";
      integration: string;
      message: string;
      transitions: Record<string, string>;
      timeoutMs: number | null;
      timeoutState: string | null;
    }
  | { kind: "child"; blueprintName: string; initialData: JsonObject; transitions: Record<string, string> }
  | { kind: "sleep"; wake: { afterMs: number } | { at: number }; nextState: string }
  | { kind: "finish"; result: Json | undefined }
  | { kind: "fail"; reason: string };

/** One task as a handler described it. */
export interface TaskSpec {
  taskType: string;
  params: JsonObject;
  /** An integer in -1000…1000, or null for the job's. */
  priority: number | null;
  strategy: Strategy;
  requirements: Requirements | null;
  maxCost: number | null;
  /** From hand-out to result; null for `WORKER_TIMEOUT_SECONDS`. */
  timeoutMs: number | null;
  /** How long an attempt may be queued; null for the job's `dispatch_timeout`. */
  dispatchTimeoutMs: number | null;
  /** Null for the engine's defaults. */
  retry: Partial<RetryPolicy> | null;
}

/** Normalised resource requirements: snake_case keys, sorted, as `match` reads them. */
export type Requirements = JsonObject;

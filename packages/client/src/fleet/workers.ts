import type { Caller, CallOptions } from "#http/caller";
import { camelCase } from "#http/camel-case";
import { checkOptions } from "#http/check-options";
import { readObjects } from "#http/read-answer";

/** An active worker: what the engine knows of it, and whatever it said of itself. */
export interface WorkerEntry {
  workerId: string;
  openTasks: number;
  /** From 0 to 1. */
  reputation: number;
  /** RFC 3339 in UTC. */
  lastSeenAt: string;
  workerType?: string;
  status?: string;
  load?: number;
  supportedTasks?: unknown[];
  maxConcurrentTasks?: number;
  costPerSecond?: number;
  costPerSkill?: Record<string, number>;
  hotCache?: unknown[];
  resources?: Record<string, unknown>;
  capabilities?: Record<string, unknown>;
  [said: string]: unknown;
}

/** What the protocol names. Other keys are the worker's own, and stay as they are. */
const named = new Set([
  "worker_id",
  "open_tasks",
  "last_seen_at",
  "worker_type",
  "supported_tasks",
  "supported_skills",
  "current_tasks",
  "max_concurrent_tasks",
  "cost_per_second",
  "cost_per_skill",
  "installed_models",
  "installed_software",
  "hot_cache",
  "hot_skills",
  "skill_dependencies",
  "multi_orchestrator_info",
]);

/** The workers of the engine. */
export class Workers {
  readonly #caller: Caller;
  readonly #path: string;

  constructor(caller: Caller, base: string) {
    this.#caller = caller;
    this.#path = `${base}/workers`;
  }

  /** The active ones. Addresses are for admins. */
  async list(options: CallOptions = {}): Promise<WorkerEntry[]> {
    checkOptions("workers.list", options, ["signal"]);
    return readObjects(await this.#caller.call({ method: "GET", path: this.#path, ...options })).map(readWorker);
  }
}

function readWorker(worker: object): WorkerEntry {
  const entries = Object.entries(worker);
  const own = Object.fromEntries(entries.filter(([key]) => !named.has(key)));
  const ours = Object.fromEntries(entries.filter(([key]) => named.has(key)));
  return { ...own, ...camelCase(ours) } as WorkerEntry;
}

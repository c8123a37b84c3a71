import type { BlueprintDefinition } from "#core/definition";
import type { Logger } from "#core/logger";
import type { Settings } from "#core/settings";
import type { RateLimits } from "#engine/rate-limiter";
import type { World } from "#engine/world";
import type { Storage } from "#storage/storage";

export interface EngineOptions {
  /** Names this engine in leases and logs; a random part per start is added. */
  instanceId: string;
  maxConcurrentJobs: number;
  /** The longest the engine sleeps without looking. */
  watcherIntervalMs: number;
  /** How long a task waits for a better worker that asked a moment ago. */
  dispatchHoldMs: number;
  maxParkedPolls: number;
  idempotencyTtlMs: number;
  /** How long running handlers may go on when the engine stops. */
  drainMs: number;
  maxAggregationBytes: number;
  /** The zone in whose calendar months quotas are counted, an IANA name. */
  timeZone: string;
  rateLimits: RateLimits;
}

export const defaultEngineOptions: Omit<EngineOptions, "instanceId"> = {
  maxConcurrentJobs: 100,
  watcherIntervalMs: 20_000,
  dispatchHoldMs: 50,
  maxParkedPolls: 10_000,
  idempotencyTtlMs: 86_400_000,
  drainMs: 30_000,
  maxAggregationBytes: 256 * 1024 * 1024,
  timeZone: "UTC",
  rateLimits: { creation: null, client: null, heartbeat: null, unauthenticated: null },
};

/** What an engine is made of. */
export interface EngineParts {
  storage: Storage;
  settings: Settings;
  blueprints: readonly BlueprintDefinition[];
  logger: Logger;
  options: EngineOptions;
  /** The real one by default. */
  world?: World;
}

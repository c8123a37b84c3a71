import { hostname } from "node:os";
import type { Config, LogLevel } from "#config/config";
import { flag, type Kind, seconds, secret, servicePort, text, timeZone, wholeNumber, word } from "#config/kinds";
import { maxShards } from "#core/job-id";

/** A variable of the environment: its name, its default, what it may hold. */
export interface Variable<T> {
  name: string;
  fallback: T;
  kind: Kind<T>;
}

/** What the tokens are that nobody set: see `sharedToken`. */
export const defaultTokens = { clientToken: "secure-orchestrator-token", globalWorkerToken: "secure-worker-token" };

const mebibyte = 1024 * 1024;
/** What a timer of the runtime can hold. */
const longestTimer = 2_000_000;
const bytes = wholeNumber(1, 2 ** 40);
const levels: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];
const pythonLevels = { notset: "trace", warning: "warn", critical: "fatal" } as const;

/** 0 is no limit. */
const perSecond = wholeNumber(0, 1_000_000);
const burst = wholeNumber(1, 1_000_000);
const rateLimits = {
  rateLimitingEnabled: { name: "RATE_LIMITING_ENABLED", fallback: true, kind: flag },
  creationRateLimitPerSecond: { name: "CREATION_RATE_LIMIT_PER_SECOND", fallback: 100, kind: perSecond },
  creationRateLimitBurst: { name: "CREATION_RATE_LIMIT_BURST", fallback: 500, kind: burst },
  clientRateLimitPerSecond: { name: "CLIENT_RATE_LIMIT_PER_SECOND", fallback: 100, kind: perSecond },
  clientRateLimitBurst: { name: "CLIENT_RATE_LIMIT_BURST", fallback: 500, kind: burst },
  heartbeatRateLimitPerSecond: { name: "HEARTBEAT_RATE_LIMIT_PER_SECOND", fallback: 20, kind: perSecond },
  heartbeatRateLimitBurst: { name: "HEARTBEAT_RATE_LIMIT_BURST", fallback: 40, kind: burst },
  unauthenticatedRateLimitPerSecond: { name: "UNAUTHENTICATED_RATE_LIMIT_PER_SECOND", fallback: 10, kind: perSecond },
  unauthenticatedRateLimitBurst: { name: "UNAUTHENTICATED_RATE_LIMIT_BURST", fallback: 20, kind: burst },
};

export const variables: { readonly [Key in keyof Config]: Variable<Config[Key]> } = {
  apiHost: { name: "API_HOST", fallback: "0.0.0.0", kind: text },
  apiPort: { name: "API_PORT", fallback: 8080, kind: wholeNumber(0, 65_535) },
  instanceId: { name: "INSTANCE_ID", fallback: hostname(), kind: text },
  clientToken: { name: "CLIENT_TOKEN", fallback: defaultTokens.clientToken, kind: secret },
  globalWorkerToken: { name: "GLOBAL_WORKER_TOKEN", fallback: defaultTokens.globalWorkerToken, kind: secret },
  clientsConfigPath: { name: "CLIENTS_CONFIG_PATH", fallback: "", kind: text },
  workersConfigPath: { name: "WORKERS_CONFIG_PATH", fallback: "", kind: text },
  clientApiPrefix: { name: "CLIENT_API_PREFIX", fallback: "api", kind: pathPrefix() },
  tz: { name: "TZ", fallback: "UTC", kind: timeZone },
  ...rateLimits,
  publicApprovals: { name: "PUBLIC_APPROVALS", fallback: false, kind: flag },
  logLevel: { name: "LOG_LEVEL", fallback: "info", kind: word(levels, pythonLevels) },
  logFormat: { name: "LOG_FORMAT", fallback: "json", kind: word(["json", "text"]) },
  storageUri: { name: "STORAGE_URI", fallback: "", kind: text },
  redisUrl: { name: "REDIS_URL", fallback: "", kind: { ...text, secret: true } },
  redisHost: { name: "REDIS_HOST", fallback: "", kind: text },
  redisPort: { name: "REDIS_PORT", fallback: 6379, kind: servicePort },
  redisDb: { name: "REDIS_DB", fallback: 0, kind: wholeNumber(0, 1_000_000) },
  redisSentinels: { name: "REDIS_SENTINELS", fallback: "", kind: text },
  redisSentinelName: { name: "REDIS_SENTINEL_NAME", fallback: "mymaster", kind: text },
  redisSentinelUsername: { name: "REDIS_SENTINEL_USERNAME", fallback: "", kind: text },
  redisSentinelPassword: { name: "REDIS_SENTINEL_PASSWORD", fallback: "", kind: { ...text, secret: true } },
  redisShards: { name: "REDIS_SHARDS", fallback: 1, kind: wholeNumber(1, maxShards) },
  workerTimeoutSeconds: { name: "WORKER_TIMEOUT_SECONDS", fallback: 300, kind: seconds({ above: 0 }) },
  workerPollTimeoutSeconds: {
    name: "WORKER_POLL_TIMEOUT_SECONDS",
    fallback: 30,
    kind: seconds({ above: 0, most: longestTimer }),
  },
  workerHealthCheckIntervalSeconds: {
    name: "WORKER_HEALTH_CHECK_INTERVAL_SECONDS",
    fallback: 60,
    kind: seconds({ above: 0 }),
  },
  workerMaxParkedPolls: { name: "WORKER_MAX_PARKED_POLLS", fallback: 10_000, kind: wholeNumber(1, 1_000_000) },
  dispatchHoldMs: { name: "DISPATCH_HOLD_MS", fallback: 50, kind: wholeNumber(0, 10_000) },
  jobMaxRetries: { name: "JOB_MAX_RETRIES", fallback: 3, kind: wholeNumber(0, 1_000_000) },
  jobMaxLostRuns: { name: "JOB_MAX_LOST_RUNS", fallback: 10, kind: wholeNumber(1, 1_000_000) },
  jobRetentionSeconds: { name: "JOB_RETENTION_SECONDS", fallback: 604_800, kind: seconds({ least: 0 }) },
  cancelGraceSeconds: { name: "CANCEL_GRACE_SECONDS", fallback: 30, kind: seconds({ least: 0 }) },
  recoveryGraceSeconds: { name: "RECOVERY_GRACE_SECONDS", fallback: 30, kind: seconds({ least: 0 }) },
  watcherIntervalSeconds: {
    name: "WATCHER_INTERVAL_SECONDS",
    fallback: 20,
    kind: seconds({ above: 0, most: longestTimer }),
  },
  executorMaxConcurrentJobs: { name: "EXECUTOR_MAX_CONCURRENT_JOBS", fallback: 100, kind: wholeNumber(1, 1_000_000) },
  idempotencyKeyTtlSeconds: { name: "IDEMPOTENCY_KEY_TTL_SECONDS", fallback: 86_400, kind: seconds({ above: 0 }) },
  bodyLimitBytes: { name: "BODY_LIMIT_BYTES", fallback: mebibyte, kind: bytes },
  resultBodyLimitBytes: { name: "RESULT_BODY_LIMIT_BYTES", fallback: 16 * mebibyte, kind: bytes },
  batchBodyLimitBytes: { name: "BATCH_BODY_LIMIT_BYTES", fallback: 32 * mebibyte, kind: bytes },
  stateHistoryLimitBytes: { name: "STATE_HISTORY_LIMIT_BYTES", fallback: 64 * mebibyte, kind: bytes },
  aggregationResultsLimitBytes: { name: "AGGREGATION_RESULTS_LIMIT_BYTES", fallback: 256 * mebibyte, kind: bytes },
  waitLimitSeconds: { name: "WAIT_LIMIT_SECONDS", fallback: 60, kind: seconds({ least: 0, most: longestTimer }) },
};

export const variableNames: readonly string[] = Object.values(variables).map(({ name }) => name);

/** Slashes around it are dropped. The engine's other groups of routes keep their names. */
function pathPrefix(): Kind<string> {
  return {
    expected: 'a path like "api" or "my/api", outside of "_public" and "_worker"',
    read: (value) => {
      if (typeof value !== "string") return undefined;
      const prefix = value.replace(/^\/+|\/+$/g, "");
      const segments = prefix.split("/");
      const isPath = segments.every((segment) => /^[A-Za-z0-9._~-]+$/.test(segment) && !/^\.{1,2}$/.test(segment));
      return isPath && !["_public", "_worker"].includes(segments[0] as string) ? prefix : undefined;
    },
  };
}

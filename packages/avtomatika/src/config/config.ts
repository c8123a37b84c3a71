/** The configuration of an engine. Each key is the camelCase of the environment variable it is read from. */
export interface Config {
  /** The address the server binds. Default `0.0.0.0`. */
  apiHost: string;
  /** Its port; 0 picks a free one. Default 8080. */
  apiPort: number;
  /** Names this engine in leases and logs. Default: the host's name. */
  instanceId: string;
  /**
   * The token of the client `default`: an admin, and a plain client beside `clients.toml`, where it counts only if it was
   * set. Default `secure-orchestrator-token`.
   */
  clientToken: string;
  /** The token that workers share; beside `workers.toml` it counts only if it was set. Default `secure-worker-token`. */
  globalWorkerToken: string;
  /** The file `clients.toml`; empty: there is none. */
  clientsConfigPath: string;
  /** The file `workers.toml`; empty: there is none. */
  workersConfigPath: string;
  /** The first segment of the clients' routes. Default `api`. */
  clientApiPrefix: string;
  /** The zone in whose calendar months quotas are counted, an IANA name. Default `UTC`. */
  tz: string;
  /** False lets any number of calls through. Default true. */
  rateLimitingEnabled: boolean;
  /** Creations per client, a batch counting as one; 0 for no limit. Default 100. */
  creationRateLimitPerSecond: number;
  /** So many at once. Default 500. */
  creationRateLimitBurst: number;
  /** All other calls per client; 0 for no limit. Default 100. */
  clientRateLimitPerSecond: number;
  /** So many at once. Default 500. */
  clientRateLimitBurst: number;
  /** Heartbeats per worker; 0 for no limit. Default 20. */
  heartbeatRateLimitPerSecond: number;
  /** So many at once. Default 40. */
  heartbeatRateLimitBurst: number;
  /** Requests without a valid token per address; 0 for no limit. Default 10. */
  unauthenticatedRateLimitPerSecond: number;
  /** So many at once. Default 20. */
  unauthenticatedRateLimitBurst: number;
  /** Lets anybody decide approvals without a token. Default false. */
  publicApprovals: boolean;
  /** Default `info`. */
  logLevel: LogLevel;
  /** `json` (default) or `text`. */
  logFormat: "json" | "text";
  /** `memory`, `sqlite:PATH`, `redis://…` or `rediss://…`; empty: Redis if it is named below, else the default file. */
  storageUri: string;
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
  redisUrl: string;
  /** The host of a Redis without a password, where `redisUrl` isn't given. */
  redisHost: string;
  /** Its port. Default 6379. */
  redisPort: number;
  /** The number of its database. Default 0. */
  redisDb: number;
  /** `host:port,host:port`: the Sentinels that know which server is the master; its user and password are in `redisUrl`. */
  redisSentinels: string;
  /** The name by which they know it. Default `mymaster`. */
  redisSentinelName: string;
  /** Who the Sentinels are asked by, where they want to know. */
  redisSentinelUsername: string;
  redisSentinelPassword: string;
  /** Into how many shards a new store is divided: more than one to spread over a cluster. Default 1. */
  redisShards: number;
  /** From a task's hand-out to its result, for tasks that say nothing. Default 300. */
  workerTimeoutSeconds: number;
  /** How long a poll is held. Default 30. */
  workerPollTimeoutSeconds: number;
  /** A worker that is silent for twice this time loses its tasks. Default 60. */
  workerHealthCheckIntervalSeconds: number;
  /** Polls held at a time. Default 10,000. */
  workerMaxParkedPolls: number;
  /** How long a task is held back for a better worker, in milliseconds. Default 50. */
  dispatchHoldMs: number;
  /** Further attempts of a handler, and of a task that says nothing. Default 3. */
  jobMaxRetries: number;
  /** Runs of a visit that may be lost with their engine before the job is quarantined. Default 10. */
  jobMaxLostRuns: number;
  /** How long ended jobs are kept. Default 604,800 (7 days). */
  jobRetentionSeconds: number;
  /** How long a cancelled job waits for its handler. Default 30. */
  cancelGraceSeconds: number;
  /** How much later what ran out while no engine could see it is judged. Default 30. */
  recoveryGraceSeconds: number;
  /** The longest the engine sleeps without looking. Default 20. */
  watcherIntervalSeconds: number;
  /** Handlers running at a time. Default 100. */
  executorMaxConcurrentJobs: number;
  /** How long an idempotency key is remembered. Default 86,400 (24 h). */
  idempotencyKeyTtlSeconds: number;
  /** The largest request body. Default 1 MiB. */
  bodyLimitBytes: number;
  /** The largest body of a result. Default 16 MiB. */
  resultBodyLimitBytes: number;
  /** The largest body of a batch. Default 32 MiB. */
  batchBodyLimitBytes: number;
  /** The largest `stateHistory`. Default 64 MiB. */
  stateHistoryLimitBytes: number;
  /** The largest `aggregationResults`. Default 256 MiB. */
  aggregationResultsLimitBytes: number;
  /** The longest `?wait`. Default 60. */
  waitLimitSeconds: number;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

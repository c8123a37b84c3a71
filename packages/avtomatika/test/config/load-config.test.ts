import { afterEach, expect, test, vi } from "vitest";
import { checkTokens } from "#config/check-tokens";
import { chooseStore } from "#config/choose-store";
import type { Config } from "#config/config";
import { checkConfig, loadConfig } from "#config/load-config";
import { settingsOf } from "#config/settings-of";
import { sharedToken } from "#config/shared-tokens";
import { unreadVariables } from "#config/unread-variables";
import { defaultSettings } from "#core/settings";
import { rateLimitsOf } from "#server/rate-limits";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("without environment and overrides the defaults are the original's", () => {
  expect(loadConfig()).toMatchObject({
    apiHost: "0.0.0.0",
    apiPort: 8080,
    clientToken: "secure-orchestrator-token",
    globalWorkerToken: "secure-worker-token",
    clientsConfigPath: "",
    workersConfigPath: "",
    logLevel: "info",
    logFormat: "json",
    workerTimeoutSeconds: 300,
    workerPollTimeoutSeconds: 30,
    workerHealthCheckIntervalSeconds: 60,
    jobMaxRetries: 3,
    watcherIntervalSeconds: 20,
    executorMaxConcurrentJobs: 100,
  });
  expect(settingsOf(loadConfig())).toEqual(defaultSettings);
});

test("an override wins over the environment, the environment over the default; undefined says nothing", () => {
  vi.stubEnv("API_PORT", "9000");
  vi.stubEnv("API_HOST", "10.0.0.1");
  expect(loadConfig({ apiPort: 0, apiHost: undefined })).toMatchObject({ apiPort: 0, apiHost: "10.0.0.1" });
});

test("an empty variable counts as absent, but an empty token is refused", () => {
  vi.stubEnv("API_PORT", "");
  expect(loadConfig().apiPort).toBe(8080);
  vi.stubEnv("CLIENT_TOKEN", "");
  expect(() => loadConfig()).toThrow("CLIENT_TOKEN: expected a text of at least 1 character");
});

test("variables of other programs, or of later versions, don't disturb", () => {
  vi.stubEnv("WEBHOOK_SECRET", "x");
  vi.stubEnv("SCHEDULES_CONFIG_PATH", "schedules.toml");
  loadConfig();
  expect(unreadVariables()).toEqual(["SCHEDULES_CONFIG_PATH is set, but this version doesn't read it"]);
});

test.each([
  ["API_PORT", "http", 'API_PORT: expected a whole number from 0 to 65535, got "http"'],
  ["API_PORT", "1.5", "API_PORT: expected a whole number from 0 to 65535"],
  ["API_PORT", "70000", "API_PORT: expected a whole number from 0 to 65535"],
  ["API_PORT", "0x10", "API_PORT: expected a whole number from 0 to 65535"],
  ["WORKER_TIMEOUT_SECONDS", "0", 'WORKER_TIMEOUT_SECONDS: expected a number of seconds above 0, got "0"'],
  ["JOB_RETENTION_SECONDS", "-1", "JOB_RETENTION_SECONDS: expected a number of seconds of at least 0"],
  ["PUBLIC_APPROVALS", "maybe", 'PUBLIC_APPROVALS: expected true or false (or 1/0, yes/no, on/off), got "maybe"'],
  ["LOG_LEVEL", "LOUD", "LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent"],
  ["CLIENT_API_PREFIX", "_worker", 'CLIENT_API_PREFIX: expected a path like "api"'],
  ["CLIENT_API_PREFIX", "/", 'CLIENT_API_PREFIX: expected a path like "api"'],
  ["CLIENT_API_PREFIX", "a/../b", 'CLIENT_API_PREFIX: expected a path like "api"'],
  [
    "TZ",
    "Mars/Olympus",
    'TZ: expected the name of an IANA time zone, like "Europe/Berlin" or "UTC", got "Mars/Olympus"',
  ],
  ["TZ", "+02:00", "TZ: expected the name of an IANA time zone"],
  ["TZ", ":/etc/localtime", "TZ: expected the name of an IANA time zone"],
  ["CLIENT_RATE_LIMIT_PER_SECOND", "-1", "CLIENT_RATE_LIMIT_PER_SECOND: expected a whole number from 0 to 1000000"],
  ["HEARTBEAT_RATE_LIMIT_BURST", "0", "HEARTBEAT_RATE_LIMIT_BURST: expected a whole number from 1 to 1000000"],
])("%s=%s stops the start and names the variable", (name, value, message) => {
  vi.stubEnv(name, value);
  let thrown: unknown;
  try {
    loadConfig();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: "invalid_config", message: expect.stringContaining(message) });
});

test.each(["true", "1", "yes", "on", "TRUE", " On "])("%s is true", (word) => {
  vi.stubEnv("PUBLIC_APPROVALS", word);
  expect(loadConfig().publicApprovals).toBe(true);
});

test.each(["false", "0", "no", "off"])("%s is false", (word) => {
  vi.stubEnv("PUBLIC_APPROVALS", word);
  expect(loadConfig().publicApprovals).toBe(false);
});

test.each([
  ["DEBUG", "debug"],
  ["INFO", "info"],
  ["WARNING", "warn"],
  ["ERROR", "error"],
  ["CRITICAL", "fatal"],
])("LOG_LEVEL takes the original's words: %s", (word, level) => {
  vi.stubEnv("LOG_LEVEL", word);
  expect(loadConfig().logLevel).toBe(level);
});

test("a time zone is a name of the IANA's, or one of its links", () => {
  for (const zone of ["UTC", "Europe/Berlin", "US/Pacific", "Etc/GMT+5", "Asia/Calcutta"]) {
    vi.stubEnv("TZ", zone);
    expect(loadConfig().tz).toBe(zone);
  }
});

test("rate limits are those of the configuration, a rate of 0 is none, and all are off together", () => {
  expect(rateLimitsOf(loadConfig())).toEqual({
    creation: { perSecond: 100, burst: 500 },
    client: { perSecond: 100, burst: 500 },
    heartbeat: { perSecond: 20, burst: 40 },
    unauthenticated: { perSecond: 10, burst: 20 },
  });
  const some = rateLimitsOf(loadConfig({ clientRateLimitPerSecond: 0, heartbeatRateLimitBurst: 5 }));
  expect([some.client, some.heartbeat]).toEqual([null, { perSecond: 20, burst: 5 }]);
  const off = rateLimitsOf(loadConfig({ rateLimitingEnabled: false }));
  expect(new Set(Object.values(off))).toEqual(new Set([null]));
});

test("an unknown key throws with the nearest valid name", () => {
  expect(() => loadConfig({ apiPrt: 1 } as object)).toThrow(
    'unknown configuration key "apiPrt", did you mean "apiPort"?',
  );
  expect(() => loadConfig({ xyz: 1 } as object)).toThrow("the keys are apiHost, apiPort, ");
});

test("what was changed after loading is checked at the start; secrets are never quoted", () => {
  const config = loadConfig();
  config.apiPort = 0;
  expect(checkConfig(config).apiPort).toBe(0);
  config.clientToken = 12345 as unknown as string;
  expect(() => checkConfig(config)).toThrow(
    "config.clientToken: expected a text of at least 1 character, got another value",
  );
});

test("default tokens are refused in production, and warned of where they can be reached from outside", () => {
  const config = (overrides = {}) => loadConfig({ clientToken: "a", globalWorkerToken: "b", ...overrides });
  expect(checkTokens(config(), [], "production")).toEqual([]);
  const open = loadConfig({ clientToken: "a" });
  expect(() => checkTokens(open, [], "production")).toThrow("GLOBAL_WORKER_TOKEN is the default one");
  expect(() => checkTokens(loadConfig(), [], "production")).toThrow(
    "CLIENT_TOKEN and GLOBAL_WORKER_TOKEN are the default ones",
  );
  expect(checkTokens(open, [], undefined)).toHaveLength(1);
  for (const apiHost of ["127.0.0.1", "localhost", "::1"])
    expect(checkTokens({ ...open, apiHost }, [], "test")).toEqual([]);
});

test("a default token counts only where it is in effect: beside a file, only if it was set", () => {
  const files = { clientsConfigPath: "clients.toml", workersConfigPath: "workers.toml" };
  expect(checkTokens(loadConfig(files), [], "production")).toEqual([]);
  const set = loadConfig({ ...files, clientToken: "secure-orchestrator-token" });
  expect(() => checkTokens(set, [], "production")).toThrow("CLIENT_TOKEN is the default one");
  expect(checkTokens(loadConfig(files), ["[acme]"], "test")).toEqual([
    "the token of [acme] is the default one, which everybody knows, and 0.0.0.0 can be reached from outside",
  ]);
});

test("a token that was set is told from one that was not, whatever it is and however it was set", () => {
  const tokens = (config: Config) => [sharedToken("clients", config), sharedToken("workers", config)];
  const defaults = ["secure-orchestrator-token", "secure-worker-token"];
  const files = { clientsConfigPath: "c", workersConfigPath: "w" };
  expect(tokens(loadConfig())).toEqual(defaults);
  expect(tokens(loadConfig(files))).toEqual([null, null]);
  expect(tokens(loadConfig({ ...files, clientToken: "x", globalWorkerToken: "y" }))).toEqual(["x", "y"]);
  const assigned = loadConfig(files);
  assigned.clientToken = "z";
  expect(tokens(checkConfig({ ...assigned }))).toEqual(["z", null]);
  expect(tokens(loadConfig({ ...loadConfig(), ...files }))).toEqual([null, null]);
  expect(tokens(loadConfig({ ...files, clientToken: defaults[0] }))).toEqual([defaults[0], null]);
  vi.stubEnv("CLIENT_TOKEN", defaults[0]);
  vi.stubEnv("GLOBAL_WORKER_TOKEN", defaults[1]);
  expect(tokens(checkConfig(loadConfig(files)))).toEqual(defaults);
});

function redisAt(url: string, variable: string, sentinel: object | null = null, shards = 1): object {
  return { kind: "redis", url, variable, sentinel, shards };
}

test.each([
  ["memory", { kind: "memory" }],
  ["sqlite:///a/b", { kind: "sqlite", path: "/a/b" }],
  ["sqlite:/a/b", { kind: "sqlite", path: "/a/b" }],
  ["sqlite:a/b", { kind: "sqlite", path: "a/b" }],
  ["redis://h", redisAt("redis://h", "STORAGE_URI")],
  ["rediss://u:p@h:6380/2", redisAt("rediss://u:p@h:6380/2", "STORAGE_URI")],
  ["", { kind: "sqlite", path: ".avtomatika/engine.db" }],
])("STORAGE_URI=%s", (storageUri, choice) => {
  expect(chooseStore(loadConfig({ storageUri }))).toEqual(choice);
});

test.each([
  [
    { storageUri: "redis://:secret@host:6379/x" },
    "STORAGE_URI: expected redis://[user:password@]host[:port][/database]",
  ],
  [{ storageUri: "redis:secret" }, "STORAGE_URI: expected redis://"],
  [{ redisUrl: "http://:secret@host" }, "REDIS_URL: expected redis://"],
  [{ redisHost: "a/secret" }, "REDIS_HOST: expected redis://"],
  [{ redisSentinels: "a:26379,:secret@b" }, "REDIS_SENTINELS: expected host:port of one or more Sentinels"],
  [
    { redisSentinels: "a, ,b" },
    'REDIS_SENTINELS: expected host:port of one or more Sentinels, separated by commas, got ""',
  ],
  [{ redisSentinels: "redis://a" }, "REDIS_SENTINELS: expected host:port"],
  [{ redisSentinels: "a", redisUrl: "http://:secret@host" }, "REDIS_URL: expected redis://"],
  [
    { storageUri: "postgres://u:secret@host" },
    "STORAGE_URI: expected memory, sqlite:PATH or redis://HOST, got a URI of postgres:",
  ],
  [{ storageUri: "sqlite:" }, 'STORAGE_URI: expected memory, sqlite:PATH or redis://HOST, got "sqlite:"'],
  [{ storageUri: "sqlite://a/b" }, 'STORAGE_URI: expected memory, sqlite:PATH or redis://HOST, got "sqlite://a/b"'],
  [{ storageUri: "engine.db" }, 'STORAGE_URI: expected memory, sqlite:PATH or redis://HOST, got "engine.db"'],
])("a store that isn't there is refused, without its password: %j", (overrides, message) => {
  let text = "";
  try {
    chooseStore(loadConfig(overrides));
  } catch (error) {
    text = (error as Error).message;
  }
  expect(text).toContain(message);
  expect(text).not.toContain("secret");
});

test("REDIS_PORT may be what Kubernetes makes of a service called redis", () => {
  vi.stubEnv("REDIS_PORT", "tcp://10.0.0.1:6380");
  expect(loadConfig().redisPort).toBe(6380);
  vi.stubEnv("REDIS_PORT", "tcp://10.0.0.1");
  expect(() => loadConfig()).toThrow("REDIS_PORT: expected a whole number from 1 to 65535");
});

test("STORAGE_URI comes before REDIS_SENTINELS, REDIS_URL, and that before REDIS_HOST with its port and database", () => {
  const redis = { redisUrl: "redis://u", redisHost: "h", redisPort: 6380, redisDb: 2 };
  expect(chooseStore(loadConfig({ storageUri: "memory", ...redis }))).toEqual({ kind: "memory" });
  expect(chooseStore(loadConfig({ storageUri: "redis://s", redisSentinels: "a" }))).toEqual(
    redisAt("redis://s", "STORAGE_URI"),
  );
  expect(chooseStore(loadConfig(redis))).toEqual(redisAt("redis://u", "REDIS_URL"));
  expect(chooseStore(loadConfig({ ...redis, redisUrl: "" }))).toEqual(redisAt("redis://h:6380/2", "REDIS_HOST"));
  expect(chooseStore(loadConfig({ redisHost: "::1", redisShards: 16 }))).toEqual(
    redisAt("redis://[::1]:6379/0", "REDIS_HOST", null, 16),
  );
});

test("REDIS_SENTINELS say where the server is, REDIS_URL how to meet it", () => {
  const sentinel = { nodes: ["a:26379", "b", "[::1]:26380"], name: "mymaster" };
  const redisSentinels = "a:26379, b,[::1]:26380";
  expect(chooseStore(loadConfig({ redisSentinels, redisDb: 3, redisHost: "ignored" }))).toEqual(
    redisAt("redis://sentinels/3", "REDIS_SENTINELS", sentinel),
  );
  const named = { redisSentinelName: "jobs", redisSentinelUsername: "u", redisSentinelPassword: "p" };
  expect(chooseStore(loadConfig({ redisSentinels, redisUrl: "rediss://u:p@ignored/2", ...named }))).toEqual(
    redisAt("rediss://u:p@ignored/2", "REDIS_SENTINELS", { ...sentinel, name: "jobs", username: "u", password: "p" }),
  );
});

import { expect, test } from "vitest";
import { misspelledVariables } from "#config/misspelled-variables";
import { variables } from "#config/variables";

const known = Object.values(variables).map(({ name }) => name);

test.each([
  ["WORKER_TIMEOUT_SECOND", "WORKER_TIMEOUT_SECONDS"],
  ["WORKR_TIMEOUT_SECONDS", "WORKER_TIMEOUT_SECONDS"],
  ["WORKER_TIMEUOT_SECONDS", "WORKER_TIMEOUT_SECONDS"],
  ["WORKER_TIMEOUT_SEKONDS", "WORKER_TIMEOUT_SECONDS"],
  ["WORKER_TIMEOUT_MS", "WORKER_TIMEOUT_SECONDS"],
  ["JOB_RETENTION", "JOB_RETENTION_SECONDS"],
  ["JOB_RETENTION_DAYS", "JOB_RETENTION_SECONDS"],
  ["BODY_LIMIT", "BODY_LIMIT_BYTES"],
  ["STORAGE_URL", "STORAGE_URI"],
  ["API_PROT", "API_PORT"],
  ["api_port", "API_PORT"],
  ["API-PORT", "API_PORT"],
  ["GLOBAL_WORKERTOKEN", "GLOBAL_WORKER_TOKEN"],
  ["CLIENT_TOKENS", "CLIENT_TOKEN"],
  ["PUBLIC_APROVALS", "PUBLIC_APPROVALS"],
])("%s is taken for %s", (given, meant) => {
  expect(misspelledVariables(known, { [given]: "1" })).toEqual([
    `${given} is set, but nothing reads it: did you mean ${meant}?`,
  ]);
});

test("what is meant is set already: the other one is somebody else's", () => {
  expect(misspelledVariables(known, { CLIENT_TOKENS: "a,b", CLIENT_TOKEN: "a" })).toEqual([]);
});

/** Of platforms, tools, other programs, the worker SDKs, and our own. */
const foreign = [
  "APP_HOST APP_PORT APIS_PORT HOST PORT HOSTNAME LOGLEVEL LOG_DIR LOG_FILE LOG_URL JOB_NAME JOB_ID JOB_URL BUILD_URL",
  "KUBERNETES_PORT KUBERNETES_SERVICE_HOST API_SERVICE_HOST API_SERVICE_PORT API_PORT_80_TCP API_PORT_80_TCP_PORT",
  "REDIS_PORT REDIS_DB REDIS_URI REDIS_TLS_URL REDIS_PASSWORD REDIS_SERVICE_HOST REDIS_PORT_6379_TCP DATABASE_URL",
  "GITHUB_TOKEN CI_JOB_TOKEN CLIENT_ID CLIENT_SECRET NPM_TOKEN VAULT_TOKEN CACHE_TTL_SECONDS TZ NODE_ENV NODE_OPTIONS",
  "npm_config_user_agent npm_lifecycle_event npm_package_version INIT_CWD PATH HOME LANG PWD OLDPWD SHELL TERM USER _",
  "AWS_REGION AWS_ACCESS_KEY_ID S3_ENDPOINT_URL S3_DEFAULT_BUCKET OTEL_EXPORTER_OTLP_ENDPOINT GIT_AUTHOR_NAME",
  "WORKER_ID WORKER_TYPE WORKER_PORT WORKER_TOKEN WORKER_INDIVIDUAL_TOKEN ORCHESTRATOR_URL ORCHESTRATORS_CONFIG",
  "MAX_CONCURRENT_TASKS COST_PER_SKILL CPU_CORES GPU_MODEL GPU_VRAM_GB INSTALLED_MODELS INSTALLED_SOFTWARE",
  "HEARTBEAT_INTERVAL WORKER_HEARTBEAT_DEBOUNCE_DELAY TASK_POLL_TIMEOUT RESULT_MAX_RETRIES WORKER_SHUTDOWN_TIMEOUT",
  "CLIENTS_CONFIG_PATH WORKERS_CONFIG_PATH SCHEDULES_CONFIG_PATH HISTORY_DATABASE_URI AVTOMATIKA_DEMO WEBHOOK_SECRET",
  "MULTI_ORCHESTRATOR_MODE IDLE_POLL_DELAY WORKER_ENABLE_WEBSOCKETS TASK_FILES_DIR WORKER_PAYLOAD_DIR LOG_COLOR",
];

test("variables of others stay unsuspected, and so do ours", () => {
  const names = [...foreign.join(" ").split(" "), ...known];
  for (const name of names) expect(misspelledVariables(known, { [name]: "1" }), name).toEqual([]);
});

// The attacked engine, in a process of its own: what it uses of memory and time is its own, and so is what it logs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { loadConfig, OrchestratorEngine, SqliteStorage } from "avtomatika";
import { App } from "avtomatika/internal/server/app";
import { RedisStorage } from "avtomatika/redis";
import { flows } from "./flows.ts";

/** What the parent is told at the start. */
export interface Listening {
  port: number;
  /** As `GET /path/:parameter`. */
  routes: string[];
}

/** The answer to "measure". */
export interface Measured {
  heapBytes: number;
  /** Without what the heap has in reserve: V8 keeps free pages as long as the machine has others. */
  residentBytes: number;
  longestPauseMs: number;
}

/** `address` is that of a Redis server, or empty: then the store is a file in the folder. */
const [folder = "", address = "", clientToken = "", globalWorkerToken = ""] = process.argv.slice(2);

// Error answers to polls are held back for 5 s: here for less, so that a run is fast.
const serve = App.prototype.serve;
App.prototype.serve = function (parts) {
  serve.call(this, { ...parts, pollErrorDelayMs: 5 });
};

// The store's cache of 64 MB would fill up all through the run. With a small one, memory that grows is memory that leaks.
const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql.replace(/cache_size = -\d+/, "cache_size = -4096"));
};

// The attacker's client is an admin, so that it gets further; one worker has a token of its own.
const [clients, workers] = ["clients.toml", "workers.toml"].map((name) => join(folder, name)) as [string, string];
writeFileSync(clients, `[attacker]\ntoken = "${clientToken}"\nadmin = true\n`);
writeFileSync(workers, `[listed]\ntoken = "${globalWorkerToken}-of-its-own"\n`);

const config = loadConfig({
  apiHost: "127.0.0.1",
  apiPort: 0,
  clientsConfigPath: clients,
  workersConfigPath: workers,
  globalWorkerToken,
  logLevel: "trace",
  // All attacks come from one address, and are to reach what they are aimed at.
  rateLimitingEnabled: false,
  workerPollTimeoutSeconds: 0.02,
  jobMaxRetries: 0,
  cancelGraceSeconds: 0.2,
});
const storage =
  address === "" ? new SqliteStorage(join(folder, "engine.db")) : new RedisStorage(address, { warn: () => {} });
const engine = new OrchestratorEngine({ storage, config });
for (const flow of flows()) engine.registerBlueprint(flow);
const routes: string[] = [];
engine.app.addHook("onRoute", ({ method, url }) => {
  for (const each of [method].flat()) routes.push(`${each} ${url}`);
});
const pauses = monitorEventLoopDelay({ resolution: 5 });
await engine.start();
pauses.enable();
process.send?.({ port: Number(new URL(engine.address).port), routes } satisfies Listening);

process.on("message", (message) => {
  if (message === "stop") return void engine.stop().then(() => process.disconnect());
  // The thorough one gives the heap's free pages back as well.
  void gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const longestPauseMs = pauses.max / 1e6;
  pauses.reset();
  process.send?.({
    heapBytes: heapUsed,
    residentBytes: rss - (heapTotal - heapUsed),
    longestPauseMs,
  } satisfies Measured);
});

// An engine in a process of its own, with its store in view.
import { readFileSync, statSync } from "node:fs";
import { loadConfig, MemoryStorage, OrchestratorEngine, SqliteStorage } from "avtomatika";
import type { ClaimedJobs, ClaimedTasks } from "avtomatika/internal/storage/storage";
import { type TracedCall, traced } from "avtomatika/internal/storage/wrap/traced";
import { RedisStorage } from "avtomatika/redis";
import { blueprints, handlers } from "./support/blueprints.ts";
import { answer } from "./support/child.ts";
import type { EngineFigures, EngineOptions } from "./support/engine.ts";
import { LoopDelay } from "./support/loop-delay.ts";

let engine: OrchestratorEngine | null = null;
let sqlite: SqliteStorage | null = null;
let calls: Record<string, number> = {};
let bytes = 0;
let began = { cpu: process.cpuUsage(), commits: 0, written: 0, handlers: { ...handlers } };
let peak = 0;
const delay = new LoopDelay(() => handlers.ms);

answer({ start, reset, figures, stop });

async function start(options: EngineOptions): Promise<{ address: string }> {
  const { path } = options;
  const isRedis = path?.startsWith("redis:") === true;
  sqlite = path === null || isRedis ? null : new SqliteStorage(path);
  const plain = path !== null && isRedis ? new RedisStorage(path, { warn: () => {} }) : (sqlite ?? new MemoryStorage());
  const storage = options.trace === "none" ? plain : traced(plain, (call) => note(call, options.trace === "bytes"));
  const config = loadConfig({
    apiHost: "127.0.0.1",
    apiPort: 0,
    clientToken: "bench-client",
    globalWorkerToken: "bench-worker",
    logLevel: "error",
    // One client makes all the calls.
    rateLimitingEnabled: false,
    ...options.config,
  });
  engine = new OrchestratorEngine({ storage, config });
  for (const blueprint of blueprints()) engine.registerBlueprint(blueprint);
  await engine.start();
  setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50).unref();
  return { address: engine.address };
}

/** Claims that found nothing belong to no job: they look again, or were too late. */
function note({ method, input, outcome }: TracedCall, withBytes: boolean): void {
  let name: string = method;
  if ("reply" in outcome && method === "claimJobs") {
    const { jobs, tasks } = outcome.reply as ClaimedJobs;
    if (jobs.length + tasks.length === 0) name = "claimJobs (nothing)";
  }
  if ("reply" in outcome && method === "claimTasks" && (outcome.reply as ClaimedTasks).tasks.length === 0) {
    name = "claimTasks (nothing)";
  }
  calls[name] = (calls[name] ?? 0) + 1;
  if (withBytes && writes.has(method)) bytes += JSON.stringify(input).length;
}

const writes = new Set(["createJobs", "commitStep", "settleTasks", "stage", "claimTasks"]);

function reset(): void {
  calls = {};
  bytes = 0;
  peak = process.memoryUsage.rss();
  delay.reset();
  began = {
    cpu: process.cpuUsage(),
    commits: sqlite?.statistics().commits ?? 0,
    written: writtenBytes(),
    handlers: { ...handlers },
  };
}

function figures(): EngineFigures {
  const cpu = process.cpuUsage(began.cpu);
  return {
    calls,
    bytes,
    diskBytes: writtenBytes() - began.written,
    commits: (sqlite?.statistics().commits ?? 0) - began.commits,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakBytes: Math.max(peak, process.memoryUsage.rss()),
    loop: delay.read(),
    handlerMs: handlers.ms - began.handlers.ms,
    aggregations: handlers.aggregations - began.handlers.aggregations,
    branches: handlers.branches - began.handlers.branches,
    fileBytes: sqlite === null ? 0 : size(sqlite.path) + size(`${sqlite.path}-wal`),
  };
}

/** What this process had the disk write, where the system tells. */
function writtenBytes(): number {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function stop(): Promise<void> {
  delay.stop();
  await engine?.stop();
}

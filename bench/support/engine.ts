// The engine's process as a measurement sees it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { loadConfig } from "avtomatika";
import { type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { Child } from "./child.ts";
import { Connection } from "./connection.ts";

/** `redis` keeps nothing on disk; the other two write an append-only file as production does. */
export type StoreName = "memory" | "sqlite" | "redis" | "redis-everysec" | "redis-always";

/** What a server is started with. */
const redisSettings: Partial<Record<StoreName, string[]>> = {
  redis: [],
  "redis-everysec": ["--appendonly", "yes", "--appendfsync", "everysec"],
  "redis-always": ["--appendonly", "yes", "--appendfsync", "always"],
};

/** A server for a measurement; null for a store that needs none. */
export async function startRedisFor(store: StoreName): Promise<RedisServer | null> {
  const settings = redisSettings[store];
  return settings === undefined ? null : startRedis(settings);
}

export interface EngineOptions {
  /** The SQLite file, or the address of a Redis server; null for memory. */
  path: string | null;
  /** Whether store calls are counted, and the size of what they write. */
  trace: "none" | "calls" | "bytes";
  config: Parameters<typeof loadConfig>[0];
}

export interface EngineFigures {
  /** Store calls by method since the reset. */
  calls: Record<string, number>;
  /** The JSON of what calls brought to write. */
  bytes: number;
  /** What reached the disk; 0 where the system doesn't tell. */
  diskBytes: number;
  /** SQLite's transactions that wrote something. */
  commits: number;
  cpuMs: number;
  peakBytes: number;
  /** Without the handlers' own time. */
  loop: { longestMs: number; withOthersMs: number; p99: number };
  handlerMs: number;
  aggregations: number;
  branches: number;
  fileBytes: number;
}

export class EngineProcess {
  readonly address: string;
  readonly #child: Child;
  readonly #folder: string | null;
  readonly #redis: RedisServer | null;
  /** Null for the other stores. */
  readonly redisUrl: string | null;

  private constructor(
    child: Child,
    address: string,
    kept: { folder: string | null; redis: RedisServer | null },
    path: string | null,
  ) {
    this.#child = child;
    this.address = address;
    this.#folder = kept.folder;
    this.#redis = kept.redis;
    this.redisUrl = path?.startsWith("redis:") === true ? path : null;
  }

  /** `url`: a Redis server of the caller's, for several engines; without it the engine has one of its own. */
  static async start(
    store: StoreName,
    { trace = "none", config = {}, url }: Partial<Omit<EngineOptions, "path">> & { url?: string } = {},
  ): Promise<EngineProcess> {
    const folder = store === "sqlite" ? newFolder() : null;
    const child = new Child("engine-process.ts");
    const redis = url === undefined ? await startRedisFor(store) : null;
    const path = folder === null ? (url ?? redis?.url ?? null) : join(folder, "engine.db");
    const { address } = await child.ask<{ address: string }>("start", { path, trace, config });
    return new EngineProcess(child, address, { folder, redis }, path);
  }

  get pid(): number {
    return this.#child.pid;
  }
  /** Without a farewell. */
  kill(): void {
    this.#child.kill();
  }
  reset(): Promise<void> {
    return this.#child.ask("reset");
  }
  figures(): Promise<EngineFigures> {
    return this.#child.ask("figures");
  }
  client(): Connection {
    return new Connection(this.address, { "x-client-token": "bench-client" });
  }
  async stop(): Promise<void> {
    await this.#child.stop();
    await this.#redis?.stop();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

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

interface StartOptions extends Partial<Omit<EngineOptions, "path">> {
  /** A server that several engines share; whoever started it stops it. Otherwise the engine gets one of its own. */
  redis?: RedisServer;
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
  readonly #folder: string;
  readonly #redis: RedisServer | null;
  /** Null for the other stores. */
  readonly redisUrl: string | null;

  private constructor(parts: {
    child: Child;
    address: string;
    folder: string;
    redis: RedisServer | null;
    redisUrl: string | null;
  }) {
    this.#child = parts.child;
    this.address = parts.address;
    this.#folder = parts.folder;
    this.#redis = parts.redis;
    this.redisUrl = parts.redisUrl;
  }

  static async start(
    store: StoreName,
    { trace = "none", config = {}, redis: shared }: StartOptions = {},
  ): Promise<EngineProcess> {
    const folder = mkdtempSync(join(tmpdir(), "avtomatika-bench-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const child = new Child("engine-process.ts");
    const redis = shared === undefined ? await startRedisFor(store) : null;
    const url = shared?.url ?? redis?.url;
    const path = store === "memory" ? null : (url ?? join(folder, "engine.db"));
    const { address } = await child.ask<{ address: string }>("start", { path, trace, config });
    return new EngineProcess({ child, address, folder, redis, redisUrl: url ?? null });
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
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

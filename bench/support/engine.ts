// The engine's process as a measurement sees it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { loadConfig } from "avtomatika";
import { type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { Child } from "./child.ts";
import { Connection } from "./connection.ts";

export type StoreName = "memory" | "sqlite" | "redis";

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

  private constructor(child: Child, address: string, folder: string | null, redis: RedisServer | null) {
    this.#child = child;
    this.address = address;
    this.#folder = folder;
    this.#redis = redis;
  }

  /** `url`: a Redis server of the caller's, for several engines; without it the engine has one of its own. */
  static async start(
    store: StoreName,
    { trace = "none", config = {}, url }: Partial<Omit<EngineOptions, "path">> & { url?: string } = {},
  ): Promise<EngineProcess> {
    const folder = store === "sqlite" ? newFolder() : null;
    const child = new Child("engine-process.ts");
    const redis = store === "redis" && url === undefined ? await startRedis() : null;
    const path = folder === null ? (url ?? redis?.url ?? null) : join(folder, "engine.db");
    const { address } = await child.ask<{ address: string }>("start", { path, trace, config });
    return new EngineProcess(child, address, folder, redis);
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

import { join } from "node:path";
import type { JobInitial } from "avtomatika/internal/core/job";
import { RedisStorage } from "avtomatika/internal/storage/redis/redis-storage";
import { Database } from "avtomatika/internal/storage/sqlite/database";
import { inspectSqlite } from "avtomatika/internal/storage/sqlite/inspect-sqlite";
import type { StoreDump } from "avtomatika/internal/storage/testkit/dump";
import {
  nativeServer,
  type RedisServer,
  startRedis,
} from "../../packages/avtomatika/test/storage/redis/redis-server.ts";

/** What of a job the dump leaves out. */
export interface JobBodies {
  data: Record<string, unknown>;
  initial: Pick<JobInitial, "metadata">;
}

/** The store whose engines are killed, as the test itself looks at it. */
export interface KilledStore {
  readonly kind: "sqlite" | "redis";
  /** What its engines are told: the file, or the address. */
  readonly address: string;
  /** True if its engines can be two at a time: then one takes over while the other starts. */
  readonly isShared: boolean;
  inspect(): Promise<StoreDump>;
  readBodies(dump: StoreDump): Promise<Map<string, JobBodies>>;
  /** Kills the store itself and starts it again after `ms`; null where there is nothing to kill. */
  readonly crash: ((ms: number) => Promise<void>) | null;
  stop(): Promise<void>;
}

/** A file, which an engine has for itself. */
export function sqliteStore(folder: string): KilledStore {
  const address = join(folder, "engine.db");
  return {
    kind: "sqlite",
    address,
    isShared: false,
    inspect: async () => inspectSqlite(address),
    readBodies: async () => readFile(address),
    crash: null,
    stop: async () => {},
  };
}

/** A server of the test's own that has on disk whatever it has answered. */
export async function redisStore(): Promise<KilledStore> {
  const settings = ["--appendonly", "yes", "--appendfsync", "always"];
  const server = await startRedis(nativeServer === null ? [] : settings);
  const { url } = server;
  return {
    kind: "redis",
    address: url,
    isShared: true,
    inspect: () => withStore(url, (store) => store.inspect()),
    readBodies: (dump) => withStore(url, (store) => readJobs(store, dump)),
    // What runs as WebAssembly keeps nothing on disk.
    crash: nativeServer === null ? null : (ms) => crash(server, ms),
    stop: () => server.stop(),
  };
}

async function crash(server: RedisServer, ms: number): Promise<void> {
  await server.crash();
  await new Promise((resolve) => setTimeout(resolve, ms));
  await server.restart();
}

function readFile(path: string): Map<string, JobBodies> {
  const db = new Database(path, { readOnly: true });
  const read = (table: string): Map<string, unknown> => {
    const all = db.rows<{ id: string; body: string }>(
      `SELECT job.id, ${table}.body FROM ${table} JOIN job USING (n)`,
    )();
    return new Map(all.map(({ id, body }) => [id, JSON.parse(body)]));
  };
  const data = read("job_data");
  const bodies = [...read("job_initial")].map(([id, initial]): [string, JobBodies] => [
    id,
    { data: (data.get(id) ?? {}) as JobBodies["data"], initial: initial as JobInitial },
  ]);
  db.close();
  return new Map(bodies);
}

async function withStore<T>(url: string, use: (store: RedisStorage) => Promise<T>): Promise<T> {
  const store = new RedisStorage(url);
  await store.open();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function readJobs(store: RedisStorage, dump: StoreDump): Promise<Map<string, JobBodies>> {
  const ids = dump.shards.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  const all = await Promise.all(ids.map((jobId) => store.getJob({ jobId })));
  return new Map(
    all.flatMap(({ found }, at): [string, JobBodies][] => (found === null ? [] : [[ids[at] as string, found]])),
  );
}

import { RedisStorage } from "avtomatika/redis";
import { loadScripts } from "../../packages/avtomatika/test/storage/redis/load-scripts.ts";
import { askRedis, type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";

const dayMs = 86_400_000;
/** Beyond whatever a store keeps of what is over: standings stay for 30 days. */
const steps = [40 * dayMs, 80 * dayMs];
/** What is of the store and not of its jobs: its format and counters. */
const lasting = /^\{av:0\}:meta$/;

type Admin = Awaited<ReturnType<typeof askRedis>>;

/** The Redis of the attacked engine, and what it holds. */
export class AttackedRedis {
  readonly server: RedisServer;
  /** What it took before anything was stored, its scripts included. */
  readonly emptyBytes: number;
  readonly #admin: Admin;

  private constructor(server: RedisServer, admin: Admin, emptyBytes: number) {
    this.server = server;
    this.#admin = admin;
    this.emptyBytes = emptyBytes;
  }

  static async start(): Promise<AttackedRedis> {
    const server = await startRedis();
    const admin = await askRedis(server.url);
    await loadScripts(admin);
    return new AttackedRedis(server, admin, await usedBytes(admin));
  }

  usedBytes(): Promise<number> {
    return usedBytes(this.#admin);
  }

  /** Everything that is over goes, as it would in time. Nobody else may have the store open. */
  async expireAll(): Promise<void> {
    const begun = Date.now();
    for (const later of steps) {
      const store = new RedisStorage(this.server.url, { clock: () => begun + later, warn: () => {} });
      await store.open();
      while ((await store.purge({ shard: 0, limit: 1000 })).more);
      await store.close();
    }
  }

  /** Keys that should have gone. */
  async keysLeft(): Promise<string[]> {
    const keys = (await this.#admin.ask("KEYS", "*")) as string[];
    return keys.map(String).filter((key) => !lasting.test(key));
  }

  async stop(): Promise<void> {
    this.#admin.close();
    await this.server.stop();
  }
}

/** Once what was unlinked has been freed, and without what Redis notes of its commands: how long they took, slow ones whole. */
async function usedBytes({ ask }: Admin): Promise<number> {
  await ask("CONFIG", "RESETSTAT");
  await ask("SLOWLOG", "RESET");
  for (;;) {
    const info = String(await ask("INFO", "memory"));
    const [used, pending] = ["used_memory", "lazyfree_pending_objects"].map((name) => numberOf(info, name));
    if (pending === 0) return used as number;
  }
}

function numberOf(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
}

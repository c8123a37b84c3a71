import { chooseStore } from "#config/choose-store";
import type { Config } from "#config/config";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import type { Storage } from "#storage/storage";

/**
 * The store that a configuration names, not open yet. Only the one that is asked for is loaded.
 * @throws AvtomatikaError `invalid_config` for an address that names no store
 */
export async function storeOf(config: Config, warn: (message: string) => void): Promise<Storage> {
  const choice = chooseStore(config);
  if (choice.kind === "memory") return new MemoryStorage();
  if (choice.kind === "sqlite") return new SqliteStorage(choice.path);
  const { RedisStorage } = await import("#storage/redis/redis-storage");
  const { url, variable, sentinel, shards } = choice;
  return new RedisStorage(url, { warn, variable, shards, ...(sentinel === null ? {} : { sentinel }) });
}

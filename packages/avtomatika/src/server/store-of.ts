import { chooseStore, storeVariable } from "#config/choose-store";
import type { Config } from "#config/config";
import { AvtomatikaError } from "#core/errors";
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

/**
 * Opens the store that a configuration names.
 * @throws AvtomatikaError of the store; for a server that can't be reached also the variable that names it, and a remedy
 */
export async function openStore(storage: Storage, config: Config): Promise<void> {
  try {
    await storage.open();
  } catch (error) {
    if (!(error instanceof AvtomatikaError) || error.code !== "store_unavailable") throw error;
    const remedy = "Start a server there, name another, or leave it out: the embedded store needs none.";
    const message = `${error.message} The address is that of ${storeVariable(config)}. ${remedy}`;
    throw new AvtomatikaError("store_unavailable", message, { cause: error });
  }
}

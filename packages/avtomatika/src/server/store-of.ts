import { chooseStore } from "#config/choose-store";
import type { Config } from "#config/config";
import { MemoryStorage } from "#storage/memory/memory-storage";
import { SqliteStorage } from "#storage/sqlite/sqlite-storage";
import type { Storage } from "#storage/storage";

/** The store that a configuration names, not open yet. Throws `invalid_config` for one this version doesn't have. */
export function storeOf(config: Config): Storage {
  const choice = chooseStore(config);
  return choice.kind === "memory" ? new MemoryStorage() : new SqliteStorage(choice.path);
}

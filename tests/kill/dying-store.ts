import { SqliteStorage } from "avtomatika";
import { RedisStorage } from "avtomatika/internal/storage/redis/redis-storage";
import type { Storage } from "avtomatika/internal/storage/storage";
import { wrapCalls } from "avtomatika/internal/storage/wrap/wrap-calls";
import type { Order } from "./messages.ts";

type Death = Extract<Order, { kind: "die" }>;

/** An engine's store at one of whose commits the process kills itself. */
export interface DyingStore {
  storage: Storage;
  dieAt(death: Death): void;
}

export function dyingStore(kind: "sqlite" | "redis", address: string): DyingStore {
  const fate = new Fate();
  return { storage: kind === "sqlite" ? onSqlite(address, fate) : onRedis(address, fate), dieAt: fate.seal };
}

/** A microtask of the turn that commits runs before any reply is seen by who asked. */
function onSqlite(path: string, fate: Fate): Storage {
  return new SqliteStorage(path, {
    beforeCommit: () => {
      const death = fate.strikes();
      if (death === "in a commit") die();
      if (death === "after a commit") queueMicrotask(die);
    },
  });
}

/** A call that left this process may still be carried out; one that was answered was. */
function onRedis(url: string, fate: Fate): Storage {
  return wrapCalls(new RedisStorage(url), async ({ pass }) => {
    const death = fate.strikes();
    const answer = pass();
    if (death === "in a commit") setImmediate(die);
    if (death !== "after a commit") return answer;
    await answer.catch(() => {});
    return die();
  });
}

class Fate {
  #death: Death | null = null;

  readonly seal = (death: Death): void => {
    this.#death = { ...death };
  };

  /** Counts a commit; says where the process dies at it. */
  strikes(): Death["where"] | null {
    if (this.#death === null) return null;
    this.#death.commits -= 1;
    return this.#death.commits > 0 ? null : this.#death.where;
  }
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

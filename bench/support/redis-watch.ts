// What a Redis server says of itself: its processor time, its calls, its memory, its slow log.
import { askRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";

/** Since the server's start. */
export interface RedisFigures {
  /** Processor time of the thread that runs all commands: what others take from it on a busy machine doesn't count. */
  cpuMs: number;
  /** Scripts that were called, and their time by the server's clock, in milliseconds. */
  scripts: number;
  scriptMs: number;
}

/** A script that took longer than others, in milliseconds by the server's clock. */
export interface SlowScript {
  id: number;
  ms: number;
}

export class RedisWatch {
  readonly ask: (...command: string[]) => Promise<unknown>;
  readonly close: () => void;

  private constructor({ ask, close }: Awaited<ReturnType<typeof askRedis>>) {
    this.ask = ask;
    this.close = close;
  }

  static async open(url: string): Promise<RedisWatch> {
    return new RedisWatch(await askRedis(url));
  }

  async figures(): Promise<RedisFigures> {
    const info = String(await this.ask("INFO", "everything"));
    const number = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? 0);
    const user = number(/^used_cpu_user_main_thread:([\d.]+)/m);
    const system = number(/^used_cpu_sys_main_thread:([\d.]+)/m);
    return {
      cpuMs: (user + system) * 1000,
      scripts: number(/^cmdstat_evalsha:calls=(\d+)/m),
      scriptMs: number(/^cmdstat_evalsha:calls=\d+,usec=(\d+)/m) / 1000,
    };
  }

  async usedBytes(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(String(await this.ask("INFO", "memory")))?.[1]);
  }

  /** From now on the server keeps the last 128 scripts that took longer than `ms`. */
  async keepSlow(ms: number): Promise<void> {
    await this.ask("CONFIG", "SET", "slowlog-log-slower-than", String(ms * 1000));
    await this.ask("CONFIG", "SET", "slowlog-max-len", "128");
    await this.ask("SLOWLOG", "RESET");
  }

  /** The kept ones since `after`, the id of a former one. */
  async slow(after = -1): Promise<SlowScript[]> {
    const entries = (await this.ask("SLOWLOG", "GET", "-1")) as [number, number, number, string[]][];
    const scripts = entries.filter(([id, , , [name]]) => id > after && String(name).toUpperCase().startsWith("EVAL"));
    return scripts.map(([id, , us]) => ({ id, ms: us / 1000 }));
  }
}

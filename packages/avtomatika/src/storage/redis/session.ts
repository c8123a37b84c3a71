import { setTimeout as delay } from "node:timers/promises";
import { AvtomatikaError } from "#core/errors";
import { shardOf } from "#core/job-id";
import { refuseUnknown } from "#core/refuse-unknown";
import { type Address, Connection } from "#storage/redis/connection";
import { bellChannel, metaKey } from "#storage/redis/keys";
import { checkFormat, checkServer, checkShards, storeFormat } from "#storage/redis/open-store";
import { callFault } from "#storage/redis/redis-fault";
import { readBells, ScriptReply } from "#storage/redis/reply";
import { Request } from "#storage/redis/request";
import { scriptOf } from "#storage/redis/scripts";
import type { Bell } from "#storage/storage";

export interface RedisStorageOptions {
  /** How many shards a new store gets: 1 by default, more to spread over a cluster. A known store keeps its own. */
  shards?: number;
  /** The address is that of a node of a Redis Cluster. Default false. */
  cluster?: boolean;
  /** The store's clock, in milliseconds since the epoch; the server's by default. */
  clock?: () => number;
  /** Hears what is wrong with the server without being refused; by default it becomes a warning of the process. */
  warn?: (message: string) => void;
}

/** Between two attempts, in milliseconds; after the longest one the caller's backstop has to do. */
const longestPauseMs = 5000;

/** The store while it is open: scripts are run, bells are heard. */
export class Session {
  readonly #address: Address;
  readonly #options: RedisStorageOptions;
  readonly #ring: (bell: Bell) => void;
  readonly #pending = new Set<Promise<unknown>>();
  #connection: Connection | null = null;
  #shards: number;

  constructor(url: string, options: RedisStorageOptions, ring: (bell: Bell) => void) {
    refuseUnknown("RedisStorage", options, ["shards", "cluster", "clock", "warn"]);
    this.#shards = options.shards ?? 1;
    checkShards(this.#shards);
    this.#address = { url, isCluster: options.cluster ?? false };
    this.#options = options;
    this.#ring = ring;
  }

  /** What the store was first opened with; before it is open, what a new one would get. */
  get shards(): number {
    return this.#shards;
  }

  async open(): Promise<void> {
    const connection = await Connection.open(this.#address);
    try {
      const warn = this.#options.warn ?? ((message: string) => process.emitWarning(message));
      for (const warning of await checkServer(connection)) warn(warning);
      this.#connection = connection;
      await this.#readStore(connection);
      await this.#listen(connection);
    } catch (error) {
      this.#connection = null;
      connection.destroy();
      throw callFault(error, connection.where);
    }
  }

  /** Calls on their way are answered, later ones are refused. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    await Promise.allSettled(this.#pending);
    await connection.close();
  }

  /** Runs an operation's script on a shard; `fill` says what it reads. */
  async run(name: string, shard: number, fill: (request: Request) => object): Promise<ScriptReply> {
    const connection = this.#connection;
    if (connection === null) throw new AvtomatikaError("store_unavailable", "the Redis store is not open");
    const request = new Request();
    const { clock } = this.#options;
    const channel = bellChannel(shard, connection.database);
    const values = request.arguments({ ...fill(request), shard, channel, now: clock?.() });
    const running = connection.run(scriptOf(name), metaKey(shard), values);
    this.#pending.add(running);
    try {
      return new ScriptReply(await running);
    } finally {
      this.#pending.delete(running);
    }
  }

  /** The same on the shard of a job. */
  runOnJob(name: string, jobId: string, fill: (request: Request) => object): Promise<ScriptReply> {
    return this.run(name, shardOf(jobId, this.#shards), fill);
  }

  async #readStore({ where }: Connection): Promise<void> {
    const reply = await this.run("open-store", 0, () => ({ format: storeFormat, shards: this.#shards }));
    checkFormat(reply.get("format"), where);
    this.#shards = reply.get("shards");
  }

  async #listen(connection: Connection): Promise<void> {
    const shards = Array.from({ length: this.#shards }, (_, shard) => shard);
    await connection.subscribe(
      shards.map((shard) => bellChannel(shard, connection.database)),
      (message) => {
        for (const bell of readBells(message)) this.#ring(bell);
      },
      () => {
        for (const shard of shards) this.#ringAll(shard).catch(() => {});
      },
    );
  }

  /** Bells may have been missed: everybody looks, and lanes with tasks ring again. */
  async #ringAll(shard: number): Promise<void> {
    this.#ring({ kind: "ready", shard, blueprint: "*" });
    this.#ring({ kind: "due", shard, at: 0 });
    if (shard === 0) this.#ring({ kind: "workers", version: Number.MAX_SAFE_INTEGER });
    const reply = await this.#runPatiently("list-lanes", shard);
    for (const bell of readBells(reply.bytes(reply.get("bells")))) this.#ring(bell);
  }

  /** The line of the calls may come back later than that of the bells. */
  async #runPatiently(name: string, shard: number): Promise<ScriptReply> {
    for (let pause = 50; ; pause *= 2) {
      try {
        return await this.run(name, shard, () => ({}));
      } catch (error) {
        if (this.#connection === null || pause > longestPauseMs) throw error;
        await delay(pause);
      }
    }
  }
}

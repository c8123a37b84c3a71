import { setTimeout as delay } from "node:timers/promises";
import { AvtomatikaError } from "#core/errors";
import { shardOf } from "#core/job-id";
import { refuseUnknown } from "#core/refuse-unknown";
import { type Address, readAddress, type SentinelOptions } from "#storage/redis/address";
import { Connection } from "#storage/redis/connection";
import { absentKey, bellChannel, metaKey } from "#storage/redis/keys";
import type { Server } from "#storage/redis/links";
import { openFault } from "#storage/redis/open-fault";
import { checkFormat, checkServer, checkShards, storeFormat } from "#storage/redis/open-store";
import { readBells, ScriptReply } from "#storage/redis/reply";
import { Request } from "#storage/redis/request";
import { scriptOf } from "#storage/redis/scripts";
import type { Bell } from "#storage/storage";

export interface RedisStorageOptions {
  /** How many shards a new store gets: 1 by default, more to spread over a cluster. A known store keeps its own. */
  shards?: number;
  /** The address is that of a node of a Redis Cluster. By default the server is asked. */
  cluster?: boolean;
  /** The Sentinels that know the master; of the address count user, password, database and TLS. */
  sentinel?: SentinelOptions;
  /** The variable that the address comes from, for messages. */
  variable?: string;
  /** The store's clock, in milliseconds since the epoch; the server's by default. */
  clock?: () => number;
  /**
   * Hears what is wrong with the server without being refused, and that it is away or back; by default it becomes a
   * warning of the process.
   */
  warn?: (message: string) => void;
}

/** Between two attempts, in milliseconds. */
const longestPauseMs = 1000;

/** The store while it is open: scripts are run, bells are heard. */
export class Session {
  readonly #address: Address;
  readonly #options: RedisStorageOptions;
  readonly #ring: (bell: Bell) => void;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #told = new Set<string>();
  #connection: Connection | null = null;
  #shards: number;

  constructor(url: string, options: RedisStorageOptions, ring: (bell: Bell) => void) {
    refuseUnknown("RedisStorage", options, ["shards", "cluster", "clock", "warn", "sentinel", "variable"]);
    this.#shards = options.shards ?? 1;
    checkShards(this.#shards);
    this.#address = readAddress(url, options.sentinel);
    this.#options = options;
    this.#ring = ring;
  }

  /** What the store was first opened with; before it is open, what a new one would get. */
  get shards(): number {
    return this.#shards;
  }

  async open(): Promise<void> {
    const { cluster, variable } = this.#options;
    const connection = await Connection.open({
      address: this.#address,
      isCluster: cluster,
      variable,
      check: (server) => this.#check(server),
      warn: (message) => this.#warn(message),
    });
    try {
      this.#connection = connection;
      await this.#readStore(connection);
      await this.#listen(connection);
    } catch (error) {
      this.#connection = null;
      connection.destroy();
      const isAway = error instanceof AvtomatikaError && error.code === "store_unavailable";
      throw openFault(isAway ? (error.cause ?? error) : error, this.#address, variable);
    }
  }

  /** Calls on their way are answered, later ones are refused. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    await Promise.allSettled(this.#pending);
    connection.destroy();
  }

  /** Runs an operation's script on a shard; `fill` says what it reads. A `patient` one may take seconds. */
  async run(
    name: string,
    shard: number,
    fill: (request: Request) => object,
    { patient = false } = {},
  ): Promise<ScriptReply> {
    const connection = this.#connection;
    if (connection === null) throw new AvtomatikaError("store_unavailable", "the Redis store is not open");
    const request = new Request();
    const { clock } = this.#options;
    const channel = bellChannel(shard, connection.database);
    const values = request.arguments({ ...fill(request), shard, channel, now: clock?.() });
    const running = connection.run(scriptOf(name), { key: metaKey(shard), absent: absentKey(shard) }, values, patient);
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
    await connection.subscribe({
      channels: shards.map((shard) => bellChannel(shard, connection.database)),
      hear: (message) => {
        for (const bell of readBells(message)) this.#ring(bell);
      },
      missed: (deaf) => {
        for (const shard of deaf) this.#ringAll(shard).catch(() => {});
      },
    });
  }

  /** Bells may have been missed: everybody looks, and lanes with tasks ring again. */
  async #ringAll(shard: number): Promise<void> {
    this.#ring({ kind: "ready", shard, blueprint: "*" });
    this.#ring({ kind: "due", shard, at: 0 });
    if (shard === 0) this.#ring({ kind: "workers", version: Number.MAX_SAFE_INTEGER });
    const reply = await this.#runPatiently("list-lanes", shard);
    for (const bell of readBells(reply.bytes(reply.get("bells")))) this.#ring(bell);
  }

  /** For as long as the store is open: it may be away again, or not ready yet. */
  async #runPatiently(name: string, shard: number): Promise<ScriptReply> {
    for (let pause = 50; ; pause = Math.min(2 * pause, longestPauseMs)) {
      try {
        return await this.run(name, shard, () => ({}));
      } catch (error) {
        if (this.#connection === null) throw error;
        await delay(pause, undefined, { ref: false });
      }
    }
  }

  async #check(server: Server): Promise<void> {
    for (const warning of await checkServer(server)) {
      // A server that is met again is not told of again.
      if (this.#told.has(warning)) continue;
      this.#told.add(warning);
      this.#warn(warning);
    }
  }

  #warn(message: string): void {
    const warn = this.#options.warn ?? ((text: string) => process.emitWarning(text));
    warn(message);
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { AvtomatikaError } from "#core/errors";
import type { Address } from "#storage/redis/address";
import type { Library, Line } from "#storage/redis/line";
import { type Bells, type Check, Links } from "#storage/redis/links";
import { openFault } from "#storage/redis/open-fault";
import { callFault, isUnknownScript, reasonOf, refusalOf } from "#storage/redis/redis-fault";
import { ClusterRoute, type Route, SentinelRoute, ServerRoute, withLine } from "#storage/redis/route";
import type { Script } from "#storage/redis/scripts";

export interface ConnectionOptions {
  address: Address;
  /** The address is that of a node of a cluster; undefined: as the server says. */
  isCluster: boolean | undefined;
  /** At the start a rejection is passed on, later it is a warning. */
  check: Check;
  warn: (message: string) => void;
  /** The variable that the address comes from. */
  variable: string | undefined;
}

/** A key of a shard, and one beside it that never exists. */
export interface ShardKeys {
  key: string;
  absent: string;
}

/** The longest pause between two attempts to mend what is broken, in milliseconds. */
const longestPauseMs = 2000;
/** What a server refuses again and again is told so often, in milliseconds. */
const toldAgainMs = 60_000;

/**
 * The servers of a store, where they are now. A line that fails is thrown away; until every server can be called and
 * heard again, it is looked where they are and what is missing is opened, with growing pauses.
 */
export class Connection {
  readonly where: string;
  /** The number of the database; a cluster has only 0. */
  readonly database: number;
  readonly #library: Library;
  readonly #options: ConnectionOptions;
  readonly #links: Links;
  readonly #toldAt = new Map<string, number>();
  #route: Route;
  #bells: Bells | null = null;
  #isBroken = false;
  #isMending = false;
  #isClosed = false;

  private constructor(library: Library, options: ConnectionOptions) {
    const { address } = options;
    this.where = address.where;
    this.database = address.login.database;
    this.#library = library;
    this.#options = options;
    this.#links = new Links(library, address, (reason) => this.#mend(reason));
    this.#route =
      address.sentinel === null ? new ServerRoute(address.node) : new SentinelRoute(library, address.sentinel);
  }

  /** Rejects with `store_unavailable` if nobody answers, `invalid_config` where something has to be set differently. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(await loadLibrary(), options);
    try {
      await connection.#start();
      return connection;
    } catch (error) {
      connection.destroy();
      throw openFault(error, options.address, options.variable);
    }
  }

  /**
   * Runs a script on the shard that `keys` name. The server knows it by its digest after the first time. A `patient`
   * call may hold up the server for longer.
   */
  async run(script: Script, keys: ShardKeys, values: readonly Buffer[], patient = false): Promise<Uint8Array[]> {
    const line = this.#links.find("calls", keys.key);
    if (line === null) {
      throw new AvtomatikaError("store_unavailable", `the store ${this.where} doesn't answer: there is no connection`);
    }
    // Keys of a slot that is on its way to another server are on either: no script may see half of them. A server
    // that is asked for two keys and has one of them refuses.
    const named = this.#route instanceof ClusterRoute ? ["2", keys.key, keys.absent] : ["1", keys.key];
    const send = (...how: string[]) => line.send([...how, ...named, ...values], { patient });
    try {
      return (await send("EVALSHA", script.sha).catch((error: unknown) => {
        if (!isUnknownScript(error)) throw error;
        return send("EVAL", script.text);
      })) as Uint8Array[];
    } catch (error) {
      this.#hearRefusal(error, line);
      throw callFault(error, this.where);
    }
  }

  /** Hears bells from now on; from now on, too, what breaks is mended. */
  async subscribe(bells: Bells): Promise<void> {
    await this.#links.hear({ ...bells, missed: () => {} });
    this.#bells = bells;
    if (this.#isBroken) this.#mend();
  }

  /** What wasn't answered is rejected. */
  destroy(): void {
    this.#isClosed = true;
    this.#links.destroy();
  }

  async #start(): Promise<void> {
    const { isCluster, address, check } = this.#options;
    if (address.sentinel === null && (isCluster ?? (await this.#isCluster()))) {
      this.#route = new ClusterRoute(this.#library, address.login, address.node);
    }
    this.#links.topology = await this.#route.find([]);
    await this.#links.mend(check);
    await this.#links.checkReplicas(check);
  }

  /** Where the server doesn't tell, it is taken for a single one. */
  #isCluster(): Promise<boolean> {
    const { node, login } = this.#options.address;
    return withLine(this.#library, node, login, async (line) => {
      const info = await line.ask(["INFO", "cluster"]).catch(() => "");
      return String(info).includes("cluster_enabled:1");
    });
  }

  /** What a server can't do now may be done elsewhere, or has to be told to who looks after it. */
  #hearRefusal(error: unknown, line: Line): void {
    const refusal = refusalOf(error);
    if (refusal === null) return;
    // Behind a name that leads to the master there may be another server by now.
    if (refusal === "READONLY") line.drop(error);
    else if (["MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"].includes(refusal)) this.#mend(error);
    else if (performance.now() - (this.#toldAt.get(refusal) ?? Number.NEGATIVE_INFINITY) > toldAgainMs) {
      this.#toldAt.set(refusal, performance.now());
      this.#options.warn(`the store ${this.where} refuses calls, which are repeated: ${reasonOf(error)}`);
    }
  }

  /** Goes on until all is well; what breaks meanwhile is seen to before it ends. */
  #mend(reason: unknown = null): void {
    this.#isBroken = true;
    if (this.#isMending || this.#isClosed || this.#bells === null) return;
    this.#isMending = true;
    this.#mendAll(this.#bells, reason).finally(() => {
      this.#isMending = false;
      if (this.#isBroken) this.#mend();
    });
  }

  async #mendAll(bells: Bells, cause: unknown): Promise<void> {
    const { warn } = this.#options;
    const begun = performance.now();
    let isTold = false;
    for (let attempt = 0; this.#isBroken && !this.#isClosed; attempt++) {
      this.#isBroken = false;
      const failure = await this.#attempt(bells).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      if (failure !== null) {
        this.#isBroken = true;
        // What is back at the next attempt is no news.
        if (attempt > 0 && !isTold && !this.#isClosed) {
          warn(`the store ${this.where} is away: ${reasonOf(cause ?? failure.error)}; ${reasonOf(failure.error)}`);
          isTold = true;
        }
      }
      await delay(pauseBefore(failure === null ? 0 : attempt), undefined, { ref: false });
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    if (isTold && !this.#isClosed) warn(`the store ${this.where} is back after ${seconds} s`);
  }

  /** Looks where the servers are, opens what is missing. Rejects unless all of them can be called and heard. */
  async #attempt(bells: Bells): Promise<void> {
    const { check, warn } = this.#options;
    const links = this.#links;
    const found = await this.#route.find(links.open).catch((error: unknown) => ({ error }));
    if ("spans" in found) links.topology = found;
    const judge: Check = (server) => check(server).catch((error: unknown) => warn(reasonOf(error)));
    const broken = await links.mend(judge).catch((error: unknown) => ({ error }));
    await links.hear(bells);
    if (broken !== undefined) throw broken.error;
    if ("error" in found) throw found.error;
  }
}

/** Milliseconds before the next attempt: twice as many each time, spread so that engines don't come at once. */
function pauseBefore(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), longestPauseMs) * (0.5 + Math.random() / 2);
}

async function loadLibrary(): Promise<Library> {
  try {
    return (await import("@redis/client")) as unknown as Library;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const message = "the Redis store needs the package @redis/client: npm install @redis/client";
    throw new AvtomatikaError("invalid_config", message, { cause: error });
  }
}

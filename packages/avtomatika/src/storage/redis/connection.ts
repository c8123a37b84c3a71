import type { createClient, createCluster } from "@redis/client";
import { AvtomatikaError } from "#core/errors";
import { callFault, isUnknownScript } from "#storage/redis/redis-fault";
import type { Script } from "#storage/redis/scripts";

/** The whole library: it is loaded when a Redis store is opened, and only then. */
type Library = { createClient: typeof createClient; createCluster: typeof createCluster; RESP_TYPES: RespTypes };
type RespTypes = { BLOB_STRING: 36 };
type Client = ReturnType<typeof createClient>;
type Cluster = ReturnType<typeof createCluster>;

export interface Address {
  /** `redis://` or `rediss://` with user, password, host, port and database; for a cluster, of any of its nodes. */
  url: string;
  isCluster: boolean;
}

/** How long a silent line counts as alive, in milliseconds: less than a job's lease. It is asked three times in between. */
const silenceMs = 6000;
/** The longest pause between two attempts to connect again, in milliseconds. */
const longestPauseMs = 2000;

/** Two lines to a server or a cluster: one for calls, one on which bells are heard. */
export class Connection {
  readonly where: string;
  /** The number of the database; a cluster has only 0. */
  readonly database: number;
  readonly #calls: Line;
  readonly #bells: Line;
  readonly #types: object;

  private constructor(library: Library, address: Address) {
    this.where = withoutPassword(address.url);
    this.database = Number(/^\/(\d+)$/.exec(URL.parse(address.url)?.pathname ?? "")?.[1] ?? 0);
    this.#types = { typeMapping: { [library.RESP_TYPES.BLOB_STRING]: Buffer } };
    this.#calls = new Line(library, address);
    this.#bells = new Line(library, address);
  }

  /** Rejects with `store_unavailable` if nobody answers, `invalid_config` without the library. */
  static async open(address: Address): Promise<Connection> {
    const connection = new Connection(await loadLibrary(), address);
    try {
      await connection.#calls.connect();
      await connection.#bells.connect();
      return connection;
    } catch (error) {
      connection.destroy();
      const remedy = "Is the server running, and is the address right?";
      const text = error instanceof Error ? error.message : String(error);
      const message = `can't reach Redis at ${connection.where}: ${text}. ${remedy}`;
      throw new AvtomatikaError("store_unavailable", message, { cause: error });
    }
  }

  /** Runs a script on the shard that `key` names. The server knows it by its digest after the first time. */
  async run(script: Script, key: string, values: readonly Buffer[]): Promise<Uint8Array[]> {
    try {
      return await this.#send(key, ["EVALSHA", script.sha, "1", key, ...values]);
    } catch (error) {
      if (!isUnknownScript(error)) throw callFault(error, this.where);
    }
    try {
      return await this.#send(key, ["EVAL", script.text, "1", key, ...values]);
    } catch (error) {
      throw callFault(error, this.where);
    }
  }

  async #send(key: string, command: (string | Buffer)[]): Promise<Uint8Array[]> {
    return (await this.#calls.send(key, command, this.#types)) as Uint8Array[];
  }

  /** Asks every server of the cluster, or the one there is. Rejects with the server's own error. */
  ask(command: string[]): Promise<string[]> {
    return this.#calls.ask(command);
  }

  /** Hears channels; `reconnected` is called when messages may have been missed. */
  async subscribe(channels: string[], hear: (message: Buffer) => void, reconnected: () => void): Promise<void> {
    await this.#bells.subscribe(channels, hear, reconnected);
  }

  /** Lets calls that are on their way be answered. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#calls.close(), this.#bells.close()]);
  }

  destroy(): void {
    this.#calls.destroy();
    this.#bells.destroy();
  }
}

/** One connection, or one per node of a cluster. */
class Line {
  readonly #client: Client | null;
  readonly #cluster: Cluster | null;
  #wasConnected = false;

  constructor(library: Library, { url, isCluster }: Address) {
    const options = {
      RESP: 3 as const,
      // The default is a timer per command, which costs half of the throughput.
      commandOptions: { timeout: undefined } as object,
      maintNotifications: "disabled" as const,
      // A call fails at once while the server is away: whoever made it decides when to repeat it.
      disableOfflineQueue: true,
      pingInterval: silenceMs / 3,
      socket: {
        connectTimeout: 5000,
        socketTimeout: silenceMs,
        reconnectStrategy: (retries: number, cause: Error) => (this.#wasConnected ? pauseBefore(retries) : cause),
      },
    };
    const defaults = { ...credentialsOf(url), ...options, socket: { ...options.socket, ...tlsOf(url) } };
    this.#client = isCluster ? null : (library.createClient({ url, ...options }) as unknown as Client);
    this.#cluster = isCluster
      ? (library.createCluster({ rootNodes: [{ url }], defaults }) as unknown as Cluster)
      : null;
    // Calls tell what happened; an `error` that nobody hears would end the process.
    this.#either().on("error", () => {});
  }

  async connect(): Promise<void> {
    await this.#either().connect();
    this.#wasConnected = true;
  }

  send(key: string, command: (string | Buffer)[], types: object): Promise<unknown> {
    if (this.#client !== null) return this.#client.sendCommand(command, types);
    return (this.#cluster as Cluster).sendCommand(key, false, command, types);
  }

  async ask(command: string[]): Promise<string[]> {
    if (this.#client !== null) return [asText(await this.#client.sendCommand(command))];
    const nodes = (this.#cluster as Cluster).masters.map((node) => (this.#cluster as Cluster).nodeClient(node));
    return Promise.all(nodes.map(async (node) => asText(await (await node).sendCommand(command))));
  }

  async subscribe(channels: string[], hear: (message: Buffer) => void, reconnected: () => void): Promise<void> {
    if (this.#client !== null) {
      await this.#client.sSubscribe(channels, hear, true);
      this.#client.on("ready", reconnected);
      return;
    }
    const cluster = this.#cluster as Cluster;
    for (const channel of channels) await cluster.sSubscribe(channel, hear, true);
    cluster.on("node-ready", reconnected);
    cluster.on("sharded-channel-moved-error", reconnected);
  }

  /** There is nobody to say farewell to while the server is away. */
  async close(): Promise<void> {
    if (this.#client?.isReady === false) this.destroy();
    else await this.#either().close();
  }
  destroy(): void {
    if (this.#either().isOpen) this.#either().destroy();
  }

  #either(): Client | Cluster {
    return (this.#client ?? this.#cluster) as Client;
  }
}

/** Nodes that the cluster itself names are met with the same name and password. */
function credentialsOf(address: string): { username?: string; password?: string } {
  const { username = "", password = "" } = URL.parse(address) ?? {};
  return {
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
  };
}

function tlsOf(address: string): { tls?: true } {
  return address.startsWith("rediss:") ? { tls: true } : {};
}

function asText(answer: unknown): string {
  return typeof answer === "string" ? answer : JSON.stringify(answer);
}

/** Milliseconds before the next attempt: twice as many each time, spread so that engines don't come at once. */
function pauseBefore(retries: number): number {
  return Math.min(50 * 2 ** Math.min(retries, 10), longestPauseMs) * (0.5 + Math.random() / 2);
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

/** An address as it may stand in a message. */
function withoutPassword(address: string): string {
  const url = URL.parse(address);
  if (url === null) return "the given address";
  return `${url.protocol}//${url.host}${url.pathname}`;
}

import type { createClient } from "@redis/client";
import type { Login, Node } from "#storage/redis/address";

/** What is used of the library: it is loaded when a Redis store is opened, and only then. */
export type Library = { createClient: typeof createClient; RESP_TYPES: { BLOB_STRING: 36 } };
type Client = ReturnType<typeof createClient>;

/** How long a server may be silent while somebody waits for its answer, in ticks of a second: less than a lease. */
const silentTicks = 3;
/** A line on which nobody waits is asked after so many ticks whether it still lives. */
const idleTicks = 2;
const tickMs = 1000;
/** How long a server may take until it can be called, in milliseconds. */
const openMs = 5000;

/**
 * One connection to one server. It is used until it fails, and then thrown away: who needs another one opens it, to
 * where the server is by then.
 */
export class Line {
  readonly node: Node;
  /** Called once, when the line has failed. */
  onLost: (reason: unknown) => void = () => {};
  /** Called when a channel has gone to another server of the cluster. */
  onMoved: (channel: string) => void = () => {};
  readonly #client: Client;
  readonly #binary: object;
  #timer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #patient = 0;
  #quietTicks = 0;
  #isLost = false;
  #lostBy: unknown = null;

  private constructor(library: Library, node: Node, login: Login, name: string) {
    this.node = node;
    this.#binary = { typeMapping: { [library.RESP_TYPES.BLOB_STRING]: Buffer } };
    const { tls, username, password, database } = login;
    this.#client = library.createClient({
      socket: { ...node, connectTimeout: openMs, reconnectStrategy: false, ...(tls ? { tls: true as const } : {}) },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      database,
      name,
      RESP: 3,
      // The default is a timer per command, which costs half of the throughput.
      commandOptions: { timeout: undefined } as object,
      maintNotifications: "disabled",
      // A call fails at once when the line has: whoever made it decides when to repeat it.
      disableOfflineQueue: true,
    }) as unknown as Client;
    this.#client.on("error", (error: unknown) => this.drop(error));
    this.#client.on("sharded-channel-moved", (channel: string) => this.onMoved(channel));
  }

  /** `name` is what the server's list of clients shows. Rejects with what went wrong, after `patienceMs` at the latest. */
  static async open(
    library: Library,
    node: Node,
    login: Login,
    { name, patienceMs = openMs }: { name: string; patienceMs?: number },
  ): Promise<Line> {
    const line = new Line(library, node, login, name);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const say = () => reject(new Error(`no answer within ${patienceMs} ms`));
      timer = setTimeout(say, patienceMs);
    });
    try {
      await Promise.race([line.#client.connect(), late]);
    } catch (error) {
      line.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (line.#isLost) throw new Error("the connection was closed");
    line.#timer = setInterval(() => line.#watch(), tickMs).unref();
    return line;
  }

  get isOpen(): boolean {
    return !this.#isLost;
  }

  /** Bulk texts of the answer are bytes. A `patient` call may hold up the server for longer. */
  async send(command: (string | Buffer)[], { patient = false } = {}): Promise<unknown> {
    return this.#wait(this.#client.sendCommand(command, this.#binary), patient);
  }
  /** The same with texts. */
  async ask(command: string[]): Promise<unknown> {
    return this.#wait(this.#client.sendCommand(command), false);
  }

  /** In a cluster the channels must share a slot. */
  async subscribe(channels: string[], hear: (message: Buffer) => void): Promise<void> {
    await this.#wait(this.#client.sSubscribe(channels, hear, true), false);
  }

  /** Throws the line away as if it had failed. */
  drop(reason: unknown): void {
    if (this.#isLost) return;
    this.#lostBy = reason;
    this.destroy();
    this.onLost(reason);
  }

  /** What wasn't answered is rejected. */
  destroy(): void {
    this.#isLost = true;
    clearInterval(this.#timer);
    this.#client.destroy();
  }

  async #wait<T>(answer: Promise<T>, patient: boolean): Promise<T> {
    if (this.#waiting === 0) this.#quietTicks = 0;
    this.#waiting += 1;
    if (patient) this.#patient += 1;
    try {
      return await answer;
    } catch (error) {
      // Of a line that was thrown away the library only knows that it was.
      throw this.#lostBy ?? error;
    } finally {
      this.#quietTicks = 0;
      this.#waiting -= 1;
      if (patient) this.#patient -= 1;
    }
  }

  /**
   * A server that was stopped, or a network that swallows everything, closes nothing: calls would wait for ever. Ticks
   * are counted and not time, so that a pause of this process isn't taken for one of the server.
   */
  #watch(): void {
    this.#quietTicks += 1;
    if (this.#waiting > 0 && this.#patient === 0 && this.#quietTicks > silentTicks) {
      this.drop(new Error(`no answer within ${silentTicks} s`));
    } else if (this.#waiting === 0 && this.#quietTicks >= idleTicks) {
      this.ask(["PING"]).catch(() => {});
    }
  }
}

import { type RedisServer, startRedis } from "../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { Network } from "../storm/network.ts";

/** How a server may be away: killed and started again, stopped and continued, or behind a network that swallows all. */
export const ways = ["killed", "stopped", "cut"] as const;
export type Way = (typeof ways)[number];

/** A Redis with `appendfsync always`, behind a network. */
export class StoreServer {
  readonly url: string;
  readonly server: RedisServer;
  readonly #network: Network;

  private constructor(server: RedisServer, network: Network, url: string) {
    this.server = server;
    this.#network = network;
    this.url = url;
  }

  static async start(): Promise<StoreServer> {
    const server = await startRedis(["--appendonly", "yes", "--appendfsync", "always"]);
    const network = new Network();
    const url = (await network.listen()).replace("http:", "redis:");
    network.target = server.port;
    return new StoreServer(server, network, url);
  }

  async leave(way: Way): Promise<void> {
    if (way === "killed") await this.server.crash();
    if (way === "stopped") process.kill(this.server.pid(), "SIGSTOP");
    if (way === "cut") {
      this.#network.deaf = "both";
      this.#network.deafen("both");
    }
  }

  async comeBack(way: Way): Promise<void> {
    if (way === "killed") await this.server.restart();
    if (way === "stopped") process.kill(this.server.pid(), "SIGCONT");
    if (way === "cut") {
      this.#network.deaf = null;
      this.#network.cutAll();
    }
  }

  async stop(): Promise<void> {
    this.#network.close();
    await this.server.stop();
  }
}

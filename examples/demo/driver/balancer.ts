// A load balancer as it stands before engines in production: connections go to them in turn, and past one that is dead.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface Target {
  port: number;
  /** Connections that are open. */
  open: number;
  /** All that there ever were. */
  made: number;
}

export class Balancer {
  readonly targets: readonly Target[];
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #turn = 0;

  private constructor(ports: readonly number[]) {
    this.targets = ports.map((port) => ({ port, open: 0, made: 0 }));
    this.#server = createServer({ pauseOnConnect: true }, (client) => {
      this.#clients.add(client);
      client.on("error", () => {}).on("close", () => this.#clients.delete(client));
      this.#pass(client, this.targets.length);
    });
  }

  /** On a free port of this machine, as its targets are. */
  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    await once(balancer.#server.listen(0, "127.0.0.1"), "listening");
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** To the next target; to the one after it if that doesn't listen, and so on, `tries` in all. */
  #pass(client: Socket, tries: number): void {
    const target = this.targets[this.#turn++ % this.targets.length] as Target;
    const engine = connect(target.port, "127.0.0.1");
    const retry = () => (tries > 1 && !client.destroyed ? this.#pass(client, tries - 1) : client.destroy());
    engine.once("error", retry).once("connect", () => {
      target.made += 1;
      target.open += 1;
      engine.off("error", retry).on("error", () => {});
      engine.once("close", () => {
        target.open -= 1;
        client.destroy();
      });
      client.once("close", () => engine.destroy());
      client.pipe(engine).pipe(client);
    });
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const client of this.#clients) client.destroy();
    await once(this.#server, "close");
  }
}

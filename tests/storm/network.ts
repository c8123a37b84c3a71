import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Watch } from "./watch.ts";

/** What is swallowed of a connection that nobody has closed. */
export type Deaf = "requests" | "answers" | "both";

/** A network between one worker and the engine, that can be cut, be slow, or lose one of its directions. */
export class Network {
  readonly watch = new Watch();
  /** The engine's port; null while there is none. */
  target: number | null = null;
  /** Where a new connection leads. */
  pick: () => number | null = () => this.target;
  /** Each new connection is cut at its first byte. */
  isCut = false;
  /** Something in between takes no requests that last: a connection is cut as soon as it brings a poll. */
  cutsPolls = false;
  /** What new connections swallow. */
  deaf: Deaf | null = null;
  /** How late everything arrives. */
  delayMs = 0;
  readonly #server: Server = createServer((client) => this.#accept(client));
  readonly #links = new Set<Link>();

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#links.size;
  }

  /** Answers how many connections there were. */
  cutAll(): number {
    const links = [...this.#links];
    for (const link of links) link.cut();
    return links.length;
  }

  /** Connections that are open now lose a direction, and nobody is told. Answers how many there were. */
  deafen(deaf: Deaf): number {
    for (const link of this.#links) link.deaf = deaf;
    return this.#links.size;
  }

  close(): void {
    this.#server.close();
    this.cutAll();
  }

  #accept(client: Socket): void {
    const target = this.pick();
    if (target === null || this.isCut) {
      // A call that is refused counts like any other.
      client.on("error", () => {});
      client.once("data", (data: Buffer) => {
        this.watch.request({}, data);
        client.resetAndDestroy();
      });
      return;
    }
    const link = new Link(client, connect(target, "127.0.0.1"), this);
    link.deaf = this.deaf;
    this.#links.add(link);
    link.onClose = () => this.#links.delete(link);
  }
}

class Link {
  deaf: Deaf | null = null;
  onClose: () => void = () => {};
  readonly #client: Socket;
  readonly #engine: Socket;

  constructor(client: Socket, engine: Socket, network: Network) {
    this.#client = client;
    this.#engine = engine;
    const requests = new Lane(engine, network);
    const answers = new Lane(client, network);
    client.setNoDelay(true);
    engine.setNoDelay(true);
    client.on("data", (data: Buffer) => {
      const isPoll = network.watch.request(this, data);
      if (isPoll && network.cutsPolls) return this.cut();
      if (this.deaf !== "requests" && this.deaf !== "both") requests.send(data);
    });
    engine.on("data", (data: Buffer) => {
      if (this.deaf === "answers" || this.deaf === "both") return;
      network.watch.answer(this, data);
      answers.send(data);
    });
    client.on("error", () => {});
    engine.on("error", () => {});
    client.on("close", () => {
      engine.destroy();
      this.onClose();
    });
    // Of a connection that is dead nobody hears the end.
    engine.on("close", () => {
      if (this.deaf === null) answers.end(() => client.resetAndDestroy());
    });
  }

  cut(): void {
    this.#client.resetAndDestroy();
    this.#engine.resetAndDestroy();
  }
}

/** One direction: what comes first arrives first, however late. */
class Lane {
  readonly #to: Socket;
  readonly #network: Network;
  readonly #waiting: { at: number; act: () => void }[] = [];

  constructor(to: Socket, network: Network) {
    this.#to = to;
    this.#network = network;
  }

  send(data: Buffer): void {
    this.#later(() => {
      if (!this.#to.destroyed) this.#to.write(data);
    });
  }
  end(act: () => void): void {
    this.#later(act);
  }

  #later(act: () => void): void {
    const { delayMs } = this.#network;
    if (delayMs === 0 && this.#waiting.length === 0) return act();
    this.#waiting.push({ at: performance.now() + delayMs, act });
    if (this.#waiting.length === 1) this.#wait();
  }

  /** One timer at a time: two of them may fire in the wrong order. */
  #wait(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    setTimeout(
      () => {
        this.#waiting.shift();
        first.act();
        this.#wait();
      },
      Math.max(0, first.at - performance.now()),
    );
  }
}

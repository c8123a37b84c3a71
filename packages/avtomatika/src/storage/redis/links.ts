import { type Address, type Login, type Node, nameOf } from "#storage/redis/address";
import { type Library, Line } from "#storage/redis/line";
import { ReplicaError } from "#storage/redis/redis-fault";
import type { Topology } from "#storage/redis/route";
import { slotOf } from "#storage/redis/slot";

/** Asks one server; `where` names it in messages. */
export interface Server {
  where: string;
  ask(command: string[]): Promise<unknown>;
}
/** Judges a server before it is used. */
export type Check = (server: Server) => Promise<void>;

export interface Bells {
  /** The channels of the shards, in their order. */
  channels: readonly string[];
  hear: (message: Buffer) => void;
  /** Messages of these shards may have been missed. */
  missed: (shards: number[]) => void;
}

/** Two lines to a server: one for calls, one on which bells are heard. */
interface Link {
  node: Node;
  calls: Line | null;
  bells: Line | null;
}

/** The lines to all servers that have slots. */
export class Links {
  topology: Topology = { spans: [], replicas: [] };
  readonly #library: Library;
  readonly #login: Login;
  readonly #where: string;
  readonly #onBroken: (reason: unknown) => void;
  readonly #links = new Map<string, Link>();
  /** On which line each channel is heard. */
  readonly #heard = new Map<string, Line>();
  #isClosed = false;

  /** `onBroken` hears that something has to be opened again. */
  constructor(library: Library, { login, where }: Address, onBroken: (reason: unknown) => void) {
    this.#library = library;
    this.#login = login;
    this.#where = where;
    this.#onBroken = onBroken;
  }

  /** The lines for calls that are open. */
  get open(): Line[] {
    return [...this.#links.values()].flatMap(({ calls }) => calls ?? []);
  }

  /** The line to the server that has a key's or a channel's slot; null while there is none. */
  find(kind: "calls" | "bells", name: string): Line | null {
    const slot = slotOf(name);
    const span = this.topology.spans.find(({ from, to }) => from <= slot && slot <= to);
    return span === undefined ? null : (this.#links.get(nameOf(span.node))?.[kind] ?? null);
  }

  /** Opens what is missing, closes what has no slots any more. Rejects after all was tried. */
  async mend(check: Check): Promise<void> {
    const masters = new Map(this.topology.spans.map(({ node }) => [nameOf(node), node]));
    for (const [name, link] of this.#links) {
      if (masters.has(name)) continue;
      this.#links.delete(name);
      destroy(link);
    }
    await allOf(
      [...masters].map(async ([name, node]) => {
        const link = this.#links.get(name) ?? { node, calls: null, bells: null };
        this.#links.set(name, link);
        link.calls ??= await this.#open(link, "calls", check);
        link.bells ??= await this.#open(link, "bells", async () => {});
      }),
    );
  }

  /** Judges the servers that may take over. One that doesn't answer now is judged when it does. */
  async checkReplicas(check: Check): Promise<void> {
    await allOf(
      this.topology.replicas.map(async (node) => {
        const opened = Line.open(this.#library, node, this.#login, { name: "avtomatika-check" });
        const line = await opened.catch(() => null);
        try {
          if (line !== null) await check(this.#serverAt(line));
        } finally {
          line?.destroy();
        }
      }),
    );
  }

  /**
   * Hears each channel on the line that has its slot, and tells which shards were not heard before. Rejects after all
   * was tried.
   */
  async hear({ channels, hear, missed }: Bells): Promise<void> {
    const silent = new Map<Line | null, number[]>();
    for (const [shard, channel] of channels.entries()) {
      const line = this.find("bells", channel);
      if (line === null || this.#heard.get(channel) !== line) silent.set(line, [...(silent.get(line) ?? []), shard]);
    }
    const isSplit = this.topology.spans.length > 1;
    await allOf(
      [...silent].map(async ([line, shards]) => {
        if (line === null) throw new Error(`there is no connection for the shards ${shards.join(", ")}`);
        const names = shards.map((shard) => channels[shard] as string);
        const groups = isSplit ? names.map((name) => [name]) : [names];
        await Promise.all(groups.map((group) => line.subscribe(group, hear)));
        for (const name of names) this.#heard.set(name, line);
        missed(shards);
      }),
    );
  }

  destroy(): void {
    this.#isClosed = true;
    for (const link of this.#links.values()) destroy(link);
  }

  async #open(link: Link, kind: "calls" | "bells", check: Check): Promise<Line> {
    const line = await Line.open(this.#library, link.node, this.#login, { name: `avtomatika-${kind}` });
    try {
      if (kind === "calls") await refuseUnready(line);
      await check(this.#serverAt(line));
      if (this.#isClosed || !line.isOpen) throw new Error("the connection was closed");
    } catch (error) {
      line.destroy();
      throw error;
    }
    line.onMoved = (channel) => {
      this.#heard.delete(channel);
      this.#onBroken(new Error(`${channel} has moved`));
    };
    line.onLost = (reason) => {
      if (link[kind] === line) link[kind] = null;
      this.#onBroken(reason);
    };
    return line;
  }

  #serverAt(line: Line): Server {
    const isOnly = this.topology.spans.length + this.topology.replicas.length === 1;
    const where = isOnly ? this.#where : `${nameOf(line.node)} of ${this.#where}`;
    return { where, ask: (command) => line.ask(command) };
  }
}

function destroy({ calls, bells }: Link): void {
  calls?.destroy();
  bells?.destroy();
}

/** A server that reads its files, or that takes no writes, is none yet. What it doesn't want to tell, its calls will. */
async function refuseUnready(line: Line): Promise<void> {
  await line.ask(["PING"]);
  const role = await line.ask(["ROLE"]).catch(() => null);
  if (Array.isArray(role) && role[0] === "slave") throw new ReplicaError(nameOf(line.node));
}

/** Waits for all, then rejects with the first failure. */
async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === "rejected");
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

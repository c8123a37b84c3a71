import { AvtomatikaError } from "#core/errors";
import { type Address, type Login, type Node, nameOf } from "#storage/redis/address";
import { type Library, Line } from "#storage/redis/line";

/** Which server has which slots, both ends included. */
export interface Span {
  from: number;
  to: number;
  node: Node;
}

export interface Topology {
  spans: readonly Span[];
  /** Servers that may take the place of one of these. */
  replicas: readonly Node[];
}

/** Finds the servers that are the masters now. */
export interface Route {
  /** `lines` are open ones, that may be asked. */
  find(lines: readonly Line[]): Promise<Topology>;
}

/** How long somebody who is asked for the way may take, in milliseconds. */
const patienceMs = 2000;
const allSlots = { from: 0, to: 16_383 };

/** One server, wherever its name leads. */
export class ServerRoute implements Route {
  readonly #topology: Topology;

  constructor(node: Node) {
    this.#topology = { spans: [{ ...allSlots, node }], replicas: [] };
  }

  find(): Promise<Topology> {
    return Promise.resolve(this.#topology);
  }
}

/** The master that Sentinels name. */
export class SentinelRoute implements Route {
  readonly #library: Library;
  readonly #sentinel: NonNullable<Address["sentinel"]>;

  constructor(library: Library, sentinel: NonNullable<Address["sentinel"]>) {
    this.#library = library;
    this.#sentinel = sentinel;
  }

  /** Rejects with `invalid_config` if they know no such master. */
  async find(): Promise<Topology> {
    const { nodes, login, name } = this.#sentinel;
    // One that lags behind must not be the first each time.
    return firstAnswer(shuffled(nodes), (sentinel) =>
      withLine(this.#library, sentinel, login, async (line) => {
        const master = await line.ask(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]);
        if (!Array.isArray(master)) {
          const message = `the Sentinel ${nameOf(sentinel)} knows no master called ${JSON.stringify(name)}`;
          throw new AvtomatikaError("invalid_config", message);
        }
        const [host, port] = master as [string, string];
        const replicas = await line.ask(["SENTINEL", "REPLICAS", name]).catch(() => []);
        return {
          spans: [{ ...allSlots, node: { host, port: Number(port) } }],
          replicas: (replicas as Record<string, string>[]).map(({ ip = "", port: at }) => ({
            host: ip,
            port: Number(at),
          })),
        };
      }),
    );
  }
}

/** The masters of a cluster, as any of its servers tells. */
export class ClusterRoute implements Route {
  readonly #library: Library;
  readonly #login: Login;
  readonly #known = new Map<string, Node>();

  constructor(library: Library, login: Login, seed: Node) {
    this.#library = library;
    this.#login = login;
    this.#known.set(nameOf(seed), seed);
  }

  async find(lines: readonly Line[]): Promise<Topology> {
    const open = new Set(lines.map(({ node }) => nameOf(node)));
    const others = [...this.#known.values()].filter((node) => !open.has(nameOf(node)));
    const ask = (line: Line) => line.ask(["CLUSTER", "SLOTS"]).then((answer) => readSlots(answer, line.node));
    const topology = await firstAnswer<Line | Node, Topology>([...shuffled(lines), ...shuffled(others)], (from) =>
      from instanceof Line ? ask(from) : withLine(this.#library, from, this.#login, ask),
    );
    for (const node of [...topology.spans.map((span) => span.node), ...topology.replicas]) {
      this.#known.set(nameOf(node), node);
    }
    return topology;
  }
}

type SlotsAnswer = [from: number, to: number, ...nodes: [host: string | null, port: number][]][];

/** A server that doesn't know its own name leaves it empty: it is the one that was asked. */
function readSlots(answer: unknown, asked: Node): Topology {
  const spans: Span[] = [];
  const replicas = new Map<string, Node>();
  for (const [from, to, ...nodes] of answer as SlotsAnswer) {
    const [master, ...others] = nodes.map(([host, port]) => ({ host: host && host !== "?" ? host : asked.host, port }));
    if (master !== undefined) spans.push({ from, to, node: master });
    for (const node of others) replicas.set(nameOf(node), node);
  }
  if (spans.length === 0) throw new Error(`${nameOf(asked)} knows of no slots: is the cluster complete?`);
  return { spans, replicas: [...replicas.values()] };
}

/** Asks one after the other. Rejects with the first refusal if none answers. */
async function firstAnswer<From, T>(from: readonly From[], ask: (one: From) => Promise<T>): Promise<T> {
  const failures: unknown[] = [];
  for (const one of from) {
    try {
      return await ask(one);
    } catch (error) {
      failures.push(error);
    }
  }
  // What a Sentinel says about a name is worth more than that another one is silent.
  throw failures.find((error) => error instanceof AvtomatikaError) ?? failures[0];
}

/** Opens a line for one question. */
export async function withLine<T>(
  library: Library,
  node: Node,
  login: Login,
  use: (line: Line) => Promise<T>,
): Promise<T> {
  const line = await Line.open(library, node, login, { name: "avtomatika-way", patienceMs });
  try {
    return await use(line);
  } finally {
    line.destroy();
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

import { createCluster } from "@redis/client";
import { askRedis, freePort, nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

const slots = 16_384;
const masterCount = 3;

type Line = Awaited<ReturnType<typeof askRedis>>;

/** Three masters, each with a replica. Where only a single server can run, it is that one. */
export interface RedisCluster {
  /** Of the first node, from which a client finds the others. */
  url: string;
  isCluster: boolean;
  /** The masters of the beginning, then their replicas in the same order. */
  nodes: RedisServer[];
  /** Empties every master. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** How long a node may be silent before its replica takes its place, in milliseconds: 15,000 by default. */
  nodeTimeoutMs?: number;
  /** For every node, as `startRedis` takes them. */
  settings?: readonly string[];
}

export function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  return nativeServer === null ? startSingle() : startNodes(options);
}

async function startSingle(): Promise<RedisCluster> {
  const server = await startRedis();
  const admin = await askRedis(server.url);
  return {
    url: server.url,
    isCluster: false,
    nodes: [server],
    flush: async () => void (await admin.ask("FLUSHALL")),
    stop: async () => {
      admin.close();
      await server.stop();
    },
  };
}

async function startNodes({ nodeTimeoutMs = 15_000, settings = [] }: ClusterOptions): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: masterCount * 2 }, () => startNode(nodeTimeoutMs, settings)));
  await join(nodes, nodeTimeoutMs);
  const { url } = nodes[0] as RedisServer;
  const admin = createCluster({ rootNodes: [{ url }] });
  admin.on("error", () => {});
  await admin.connect();
  return {
    url,
    isCluster: true,
    nodes,
    flush: async () => {
      await Promise.all(admin.masters.map(async (node) => (await admin.nodeClient(node)).flushAll()));
    },
    stop: async () => {
      admin.destroy();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode(nodeTimeoutMs: number, settings: readonly string[]): Promise<RedisServer> {
  // The line between the nodes is by default 10,000 ports above, which may be none.
  const own = ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())];
  const timeout = ["--cluster-node-timeout", String(nodeTimeoutMs)];
  return startRedis([...own, ...timeout, "--repl-diskless-sync-delay", "0", ...settings]);
}

/** Gives the slots to the masters, makes the nodes meet, and the others replicas; resolves when all have heard of it. */
async function join(nodes: readonly RedisServer[], nodeTimeoutMs: number): Promise<void> {
  const lines = await Promise.all(nodes.map(({ url }) => askRedis(url)));
  // Nodes tell each other the news at least twice in this time: they are to know each other soon.
  for (const { ask } of lines) await ask("CONFIG", "SET", "cluster-node-timeout", "2000");
  const ids: string[] = [];
  for (const [at, { ask }] of lines.entries()) {
    ids.push(String(await ask("CLUSTER", "MYID")));
    await ask("CLUSTER", "SET-CONFIG-EPOCH", String(at + 1));
    if (at >= masterCount) continue;
    const [first = 0, after = 0] = [at, at + 1].map((part) => Math.floor((slots * part) / masterCount));
    await ask("CLUSTER", "ADDSLOTSRANGE", String(first), String(after - 1));
  }
  const [first] = lines;
  for (const { port, busPort } of await Promise.all(nodes.slice(1).map(portsOf))) {
    await first?.ask("CLUSTER", "MEET", "127.0.0.1", port, busPort);
  }
  await forEach(lines, "CLUSTER INFO", (told) => told.includes(`cluster_known_nodes:${nodes.length}`));
  for (const [at, { ask }] of lines.entries()) {
    if (at >= masterCount) await ask("CLUSTER", "REPLICATE", ids[at - masterCount] as string);
  }
  await forEach(lines, "CLUSTER NODES", (told) => told.match(/\bslave\b/g)?.length === nodes.length - masterCount);
  await forEach(lines, "CLUSTER INFO", (told) => told.includes("cluster_state:ok"));
  await forEach(lines.slice(masterCount), "INFO replication", (told) => told.includes("master_link_status:up"));
  for (const { ask, close } of lines) {
    await ask("CONFIG", "SET", "cluster-node-timeout", String(nodeTimeoutMs));
    close();
  }
}

async function portsOf({ url, port }: RedisServer): Promise<{ port: string; busPort: string }> {
  const { ask, close } = await askRedis(url);
  const [, busPort = ""] = /@(\d+)/.exec(String(await ask("CLUSTER", "NODES"))) ?? [];
  close();
  return { port: String(port), busPort };
}

/** Asks each until it says so. */
async function forEach(lines: readonly Line[], command: string, saysSo: (told: string) => boolean): Promise<void> {
  for (const { ask } of lines) {
    while (!saysSo(String(await ask(...command.split(" "))))) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import { createClient, createCluster } from "@redis/client";
import { nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

const slots = 16_384;

/** A cluster of three servers, without replicas. Where only a single server can run, it is that one. */
export interface RedisCluster {
  url: string;
  isCluster: boolean;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export function startCluster(): Promise<RedisCluster> {
  return nativeServer === null ? startSingle() : startThree();
}

async function startSingle(): Promise<RedisCluster> {
  const server = await startRedis();
  const admin = await connect(server);
  return {
    url: server.url,
    isCluster: false,
    flush: async () => void (await admin.flushAll()),
    stop: async () => {
      admin.destroy();
      await server.stop();
    },
  };
}

async function startThree(): Promise<RedisCluster> {
  const servers = await Promise.all([0, 1, 2].map(() => startRedis(["--cluster-enabled", "yes"])));
  const nodes = await Promise.all(servers.map(connect));
  for (const [at, node] of nodes.entries()) {
    const [first, last] = [at, at + 1].map((part) => Math.floor((slots * part) / nodes.length));
    await node.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(first), String((last as number) - 1)]);
    await node.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", String(at + 1)]);
  }
  for (const { port } of servers.slice(1)) {
    await nodes[0]?.sendCommand(["CLUSTER", "MEET", "127.0.0.1", String(port)]);
  }
  for (const node of nodes) while (!(await isComplete(node))) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const node of nodes) await node.close();

  const url = (servers[0] as RedisServer).url;
  const admin = createCluster({ rootNodes: [{ url }] });
  admin.on("error", () => {});
  await admin.connect();
  return {
    url,
    isCluster: true,
    flush: async () => {
      await Promise.all(admin.masters.map(async (node) => (await admin.nodeClient(node)).flushAll()));
    },
    stop: async () => {
      admin.destroy();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function connect({ url }: RedisServer) {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

async function isComplete(node: Awaited<ReturnType<typeof connect>>): Promise<boolean> {
  const info = String(await node.sendCommand(["CLUSTER", "INFO"]));
  return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
}

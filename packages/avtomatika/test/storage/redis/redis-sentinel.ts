import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askRedis, freePort, nativeServer, type RedisServer, startRedis } from "./redis-server.ts";

/** A master with two replicas, and three Sentinels that put one of them in its place. */
export interface RedisSentinels {
  /** The master of the beginning, then its replicas. */
  servers: RedisServer[];
  /** `host:port` of each Sentinel. */
  sentinels: string[];
  /** The port of the server that the Sentinels call the master now. */
  master(): Promise<number>;
  stop(): Promise<void>;
}

/** How long a server may be silent before it is replaced, in milliseconds. */
const downAfterMs = 1000;

/** `settings` of each server, as `startRedis` takes them. Needs a native server. */
export async function startSentinels(settings: readonly string[] = []): Promise<RedisSentinels> {
  const own = ["--repl-diskless-sync-delay", "0", "--repl-timeout", "5", ...settings];
  const master = await startRedis(own);
  const replicaOf = ["--replicaof", "127.0.0.1", String(master.port)];
  const servers = [master, ...(await Promise.all([1, 2].map(() => startRedis([...own, ...replicaOf]))))];
  const line = await askRedis(master.url);
  await until(async () => String(await line.ask("INFO", "replication")).match(/state=online/g)?.length === 2);
  line.close();
  const watchers = await Promise.all([1, 2, 3].map(() => startSentinel(master.port)));
  const asked = await Promise.all(watchers.map(({ port }) => askRedis(`redis://127.0.0.1:${port}`)));
  for (const { ask } of asked) {
    await until(async () => {
      const told = (await ask("SENTINEL", "MASTER", "mymaster")) as Record<string, string>;
      return told["num-slaves"] === "2" && told["num-other-sentinels"] === "2";
    });
  }
  return {
    servers,
    sentinels: watchers.map(({ port }) => `127.0.0.1:${port}`),
    master: async () => {
      const told = await asked[0]?.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster");
      return Number((told as string[])[1]);
    },
    stop: async () => {
      for (const { close } of asked) close();
      await Promise.all([...watchers, ...servers].map((one) => one.stop()));
    },
  };
}

async function startSentinel(masterPort: number): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-sentinel-"));
  const settings = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor mymaster 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds mymaster ${downAfterMs}`,
    "sentinel failover-timeout mymaster 5000",
    "sentinel parallel-syncs mymaster 2",
  ];
  const path = join(folder, "sentinel.conf");
  writeFileSync(path, `${settings.join("\n")}\n`);
  const child: ChildProcess = spawn(nativeServer as string, [path, "--sentinel"], {
    argv0: "redis-sentinel",
    stdio: ["ignore", "pipe", "inherit"],
  });
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the Sentinel ended with ${code}:\n${log}`)));
    child.stdout?.on("data", (text: Buffer) => {
      log += text.toString();
      if (log.includes("+monitor master")) resolve();
    });
  });
  const stop = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, stop };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

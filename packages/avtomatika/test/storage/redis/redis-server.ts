import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@redis/client";

/** A Redis server of a test's own. */
export interface RedisServer {
  url: string;
  port: number;
  /** Of the process that runs now: to stop and continue it. */
  pid(): number;
  /** Ends it without a farewell, as a crash does; what it wrote to its folder stays. */
  crash(): Promise<void>;
  /** Starts it again after a crash: same port, folder and settings. Resolves when it has read what it had written. */
  restart(): Promise<void>;
  /** Ends it without a farewell and removes its folder: what it holds is a test's. */
  stop(): Promise<void>;
}

/** The names under which a server may be installed; the last is the same program in Debian's package redis-tools. */
const programs = ["redis-server", "valkey-server", "redis-check-rdb"];

/** The server of this machine; null where Valkey as WebAssembly takes its place, which has no cluster and no disk. */
export const nativeServer = process.env["AVTOMATIKA_REDIS"] === "wasm" ? null : findProgram();

/**
 * Starts a server in a folder of its own, on a free port. `settings` only a native one knows; without any it keeps
 * nothing on disk (for a restart with its data: `--appendonly yes --appendfsync always`).
 */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-redis-"));
  const own = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const start = async (): Promise<ChildProcess> => {
    const started = nativeServer === null ? startWasm(port) : startNative(nativeServer, [...own, ...settings]);
    await untilReady(started);
    return started;
  };
  let child = await start();
  const crash = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => child.pid as number,
    crash,
    restart: async () => {
      child = await start();
    },
    stop: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A line of one's own to a server, to ask it anything. */
export async function askRedis(url: string) {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  return {
    ask: (...command: (string | Buffer)[]): Promise<unknown> => client.sendCommand(command),
    close: () => client.destroy(),
  };
}

function findProgram(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = programs.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** The program goes by the name it is called by. */
function startNative(path: string, options: string[]): ChildProcess {
  return spawn(path, options, { argv0: "redis-server", stdio: ["ignore", "pipe", "inherit"] });
}

function startWasm(port: number): ChildProcess {
  const program = fileURLToPath(new URL("./wasm-server.ts", import.meta.url));
  const options = ["--disable-warning=ExperimentalWarning", program, String(port)];
  return spawn(process.execPath, options, { stdio: ["ignore", "pipe", "inherit"] });
}

async function untilReady(child: ChildProcess): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the Redis server ended with ${code}:\n${log}`)));
    child.stdout?.on("data", (text: Buffer) => {
      log += text.toString();
      if (log.includes("Ready to accept connections")) resolve();
    });
  });
}

/** One that nobody listens at now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

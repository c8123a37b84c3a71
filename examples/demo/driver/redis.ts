// A Redis of the run's own: the machine's server where there is one, else Valkey as WebAssembly.
import { fileURLToPath } from "node:url";
import { freePort, nativeServer } from "../../../packages/avtomatika/test/storage/redis/redis-server.ts";
import { lineWith, type Started } from "./process.ts";
import type { Processes } from "./processes.ts";

const wasmServer = new URL("../../../packages/avtomatika/test/storage/redis/wasm-server.ts", import.meta.url);

/** Resolves once it listens. What is acknowledged is on the disk, in `folder`; WebAssembly has none. */
export async function startRedis(
  processes: Processes,
  folder: string,
): Promise<Started & { url: string; what: string }> {
  const port = String(await freePort());
  const place = ["--port", port, "--bind", "127.0.0.1", "--dir", folder];
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const redis =
    nativeServer === null
      ? processes.start("redis", [fileURLToPath(wasmServer), port])
      : processes.run("redis", { path: nativeServer, argv0: "redis-server", args: [...place, ...durable] });
  await lineWith(redis, "Ready to accept connections");
  const what = nativeServer === null ? "Valkey as WebAssembly, without a disk" : "Redis, appendfsync always";
  return { ...redis, url: `redis://127.0.0.1:${port}`, what };
}

// The engine: the command line of the package, in a process of its own.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repo } from "./folders.ts";
import { lineWith, type Started } from "./process.ts";
import type { Processes } from "./processes.ts";

export interface Tokens {
  CLIENT_TOKEN: string;
  GLOBAL_WORKER_TOKEN: string;
}

interface EngineOptions {
  /** What `--storage` takes. */
  storage: string;
  tokens: Tokens;
  /** Default 0, a free one. */
  port?: number;
}

const command = join(repo, "packages", "avtomatika", "bin", "avtomatika.js");
const blueprints = fileURLToPath(new URL("../blueprints", import.meta.url));

/** Resolves once it listens. */
export async function startEngine(
  processes: Processes,
  name: string,
  { storage, tokens, port = 0 }: EngineOptions,
): Promise<Started & { url: string }> {
  const place = ["--host", "127.0.0.1", "--port", String(port), "--storage", storage];
  const engine = processes.start(name, [command, "start", blueprints, ...place], { ...tokens, LOG_FORMAT: "text" });
  return { ...engine, url: await lineWith(engine) };
}

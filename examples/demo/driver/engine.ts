// The engine: the command line of the package, in a process of its own.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repo } from "./folders.ts";
import { firstLine, type Started } from "./process.ts";
import type { Processes } from "./processes.ts";

export interface Tokens {
  CLIENT_TOKEN: string;
  GLOBAL_WORKER_TOKEN: string;
}

const command = join(repo, "packages", "avtomatika", "bin", "avtomatika.js");
const blueprints = fileURLToPath(new URL("../blueprints", import.meta.url));

/** Resolves once it listens; port 0 is a free one. */
export async function startEngine(
  processes: Processes,
  store: string,
  tokens: Tokens,
  port = 0,
): Promise<Started & { url: string }> {
  const place = ["--host", "127.0.0.1", "--port", String(port), "--storage", `sqlite:${store}`];
  const engine = processes.start("engine", [command, "start", blueprints, ...place], { ...tokens, LOG_FORMAT: "text" });
  return { ...engine, url: await firstLine(engine) };
}

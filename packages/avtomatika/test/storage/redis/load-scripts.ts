import { readdirSync } from "node:fs";
import { scriptOf } from "#storage/redis/scripts";
import type { askRedis } from "./redis-server.ts";

const folder = new URL("../../../src/storage/redis/scripts/", import.meta.url);

/** Makes a server know every script: it would ask for one that it doesn't know, and that takes a second call. */
export async function loadScripts({ ask }: Pick<Awaited<ReturnType<typeof askRedis>>, "ask">): Promise<void> {
  for (const file of readdirSync(folder)) {
    if (file.endsWith(".lua")) await ask("SCRIPT", "LOAD", scriptOf(file.slice(0, -".lua".length)).text);
  }
}

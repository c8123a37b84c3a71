// One engine on the embedded store: after its death it is started again on the same file.
import { join } from "node:path";
import { startEngine } from "./engine.ts";
import { end } from "./process.ts";
import type { Ground, Site } from "./site.ts";

export async function startOneEngine({ processes, folders, tokens, tell }: Ground): Promise<Site> {
  const file = join(folders.store, "engine.db");
  const start = (port = 0) => startEngine(processes, "engine", { storage: `sqlite:${file}`, tokens, port });
  let engine = await start();
  const { url } = engine;
  tell(`engine ${engine.pid} at ${url}, its store is ${file}`);
  let killedAt = 0;
  let backAfter = "";
  return {
    url,
    kill: async () => {
      engine.child.kill("SIGKILL");
      await engine.ended;
      killedAt = performance.now();
      return "the engine was killed (SIGKILL)";
    },
    goOn: async () => {
      engine = await start(Number(new URL(url).port));
      backAfter = `${((performance.now() - killedAt) / 1000).toFixed(1)} s later`;
      return `engine ${engine.pid} is back on the same file, ${backAfter}`;
    },
    rows: () => [["engine back", backAfter]],
    events: () => [],
    stop: async () => [await end(engine)],
  };
}

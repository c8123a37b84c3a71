// An engine in a process of its own, that kills itself at a creation: before it is done, or before it is answered.
import { loadConfig, OrchestratorEngine, SqliteStorage } from "avtomatika";
import { flows } from "../http/flows.ts";

/** When it dies. */
export type Death = "before the commit" | "before the answer" | "never";

const [file = "", port = "0", clientToken = "", death = "never"] = process.argv.slice(2);

const config = loadConfig({
  apiHost: "127.0.0.1",
  apiPort: Number(port),
  clientToken,
  globalWorkerToken: "worker-secret-of-the-test",
  logLevel: "error",
});
const engine = new OrchestratorEngine({ storage: new SqliteStorage(file), config });
for (const flow of flows()) engine.registerBlueprint(flow);
if (death !== "never") {
  engine.app.addHook(
    death === "before the commit" ? "preHandler" : "onSend",
    async ({ method }: { method: string }) => {
      if (method !== "POST") return;
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => {});
    },
  );
}
await engine.start();
process.send?.(Number(new URL(engine.address).port));
process.once("message", () => void engine.stop().then(() => process.disconnect()));

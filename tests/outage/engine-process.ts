// An engine on Redis with the settings of production. Writes down how it answered polls and results, and tells its port.
import { loadConfig, OrchestratorEngine } from "avtomatika";
import { RedisStorage } from "avtomatika/redis";
import { flows } from "../storm/flows.ts";
import { Ledger } from "../storm/ledger.ts";
import { readSetup } from "../storm/setup.ts";

/** A line of the engine's ledger. */
export interface Answered {
  what: "poll" | "result";
  status: number;
  at: number;
}

const { folder, clientToken, workerToken, number, url } = readSetup();
const engine = new OrchestratorEngine({
  storage: new RedisStorage(url, { warn: (message) => console.log(message) }),
  config: loadConfig({
    apiHost: "127.0.0.1",
    apiPort: 0,
    instanceId: `engine-${number}`,
    clientToken,
    globalWorkerToken: workerToken,
    logLevel: "error",
  }),
});
for (const flow of flows()) engine.registerBlueprint(flow);
const ledger = new Ledger<Answered>(folder, "answers", `engine-${number}`);
engine.app.addHook("onResponse", async ({ url: path }, { statusCode }) => {
  const what = path.includes("/tasks/next") ? "poll" : path.includes("/tasks/result") ? "result" : null;
  if (what !== null) ledger.write({ what, status: statusCode, at: Date.now() });
});
// Whoever started it is gone.
const orphaned = (): never => process.exit(1);
process.on("disconnect", orphaned);
const stopped = engine.run();
await engine.start();
process.send?.(Number(new URL(engine.address).port));
await stopped;
process.off("disconnect", orphaned);
process.disconnect?.();

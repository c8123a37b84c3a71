// The engine of the storm: killed from outside at any instant. Tells its port once it listens.
import { join } from "node:path";
import { loadConfig, OrchestratorEngine, SqliteStorage } from "avtomatika";
import { flows } from "./flows.ts";
import { Ledger } from "./ledger.ts";
import { type Registration, readSetup } from "./setup.ts";

const { folder, clientToken, workerToken } = readSetup();
const engine = new OrchestratorEngine({
  storage: new SqliteStorage(join(folder, "engine.db")),
  config: loadConfig({
    apiHost: "127.0.0.1",
    apiPort: 0,
    clientToken,
    globalWorkerToken: workerToken,
    logLevel: "error",
    workerHealthCheckIntervalSeconds: 10,
    recoveryGraceSeconds: 1,
  }),
});
for (const flow of flows()) engine.registerBlueprint(flow);
const ledger = new Ledger<Registration>(folder, "registrations", String(process.pid));
engine.app.addHook("preHandler", async ({ url, body }) => {
  if (!url.endsWith("/_worker/workers/register")) return;
  const { worker_id: worker, current_tasks: currentTasks = [] } = body as {
    worker_id: string;
    current_tasks?: string[];
  };
  ledger.write({ worker, currentTasks, at: Date.now() });
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

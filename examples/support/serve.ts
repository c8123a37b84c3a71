// Runs a recipe: an engine in memory on a free port, a client, perhaps a worker; stopped at the end, whatever happens.
import { type AnyBlueprint, loadConfig, MemoryStorage, OrchestratorEngine } from "avtomatika";
import { Client } from "./client.ts";
import { type Skill, startWorker } from "./start-worker.ts";

const clientToken = "my-secret-client-token";
const globalWorkerToken = "my-secret-worker-token";

export interface Recipe {
  blueprints: readonly AnyBlueprint[];
  /** What the worker can do; without it there is none. */
  skills?: Record<string, Skill>;
}

/** `worker` is what an SDK's worker connects with. */
export async function serve(
  { blueprints, skills }: Recipe,
  tell: (client: Client, worker: { orchestratorUrl: string; token: string }) => Promise<void>,
): Promise<void> {
  const engine = new OrchestratorEngine({
    storage: new MemoryStorage(),
    config: loadConfig({ clientToken, globalWorkerToken, apiHost: "127.0.0.1", apiPort: 0, logLevel: "error" }),
  });
  for (const blueprint of blueprints) engine.registerBlueprint(blueprint);
  await engine.start();
  const stopWorker = skills && (await startWorker(engine.address, globalWorkerToken, "worker-1", skills));
  try {
    await tell(new Client(engine.address, clientToken), { orchestratorUrl: engine.address, token: globalWorkerToken });
  } finally {
    await stopWorker?.();
    await engine.stop();
  }
}

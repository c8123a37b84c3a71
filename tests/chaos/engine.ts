// An engine's process: one of several over one Redis, which it reaches through a network of its own.
import { join } from "node:path";
import { AvtomatikaError, loadConfig, OrchestratorEngine } from "avtomatika";
import { RedisStorage } from "avtomatika/redis";
import { HandlerLog, type HandlerWorld, randomBlueprint, shapes } from "../kill/blueprints.ts";
import { hearOrders, readSetup, tell } from "../kill/messages.ts";
import { clientsFile, meteredBlueprint } from "../kill/metered.ts";
import { Random } from "../simulate/random.ts";
import { livenessMs, storeAway } from "./times.ts";

const { folder, seed, number, workerToken, calm, address, load } = readSetup();
const world: HandlerWorld = {
  random: new Random(seed * 7919 + number),
  log: new HandlerLog(folder, number),
  calm,
  ranked: load.ranked,
};
hearOrders((order) => {
  if (order.kind === "calm") world.calm = true;
});

const engine = new OrchestratorEngine({
  storage: new RedisStorage(address),
  config: loadConfig({
    apiHost: "127.0.0.1",
    apiPort: 0,
    clientsConfigPath: join(folder, clientsFile),
    globalWorkerToken: workerToken,
    logLevel: "error",
    jobMaxRetries: 2,
    workerPollTimeoutSeconds: 5,
    workerHealthCheckIntervalSeconds: livenessMs / 2000,
    cancelGraceSeconds: 2,
    recoveryGraceSeconds: 1,
    rateLimitingEnabled: false,
  }),
});
for (const shape of shapes) engine.registerBlueprint(randomBlueprint(shape, world));
engine.registerBlueprint(meteredBlueprint());
const stopped = engine.run();
try {
  await engine.start();
} catch (error) {
  if (!(error instanceof AvtomatikaError && error.code === "store_unavailable")) throw error;
  process.exit(storeAway);
}
tell({ kind: "listens", url: engine.address });
await stopped;
process.disconnect?.();

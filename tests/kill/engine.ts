// The engine's process: killed by the test from outside, or by itself at a commit that the test names.
import { join } from "node:path";
import { loadConfig, OrchestratorEngine } from "avtomatika";
import { Random } from "../simulate/random.ts";
import { HandlerLog, randomBlueprint, shapes } from "./blueprints.ts";
import { dyingStore } from "./dying-store.ts";
import { hearOrders, readSetup, tell } from "./messages.ts";
import { clientsFile, meteredBlueprint } from "./metered.ts";

const { folder, storage, address, seed, number, workerToken, calm, load } = readSetup();
const store = dyingStore(storage, address);

hearOrders((order) => {
  if (order.kind === "die") store.dieAt(order);
});

const engine = new OrchestratorEngine({
  storage: store.storage,
  config: loadConfig({
    apiHost: "127.0.0.1",
    apiPort: 0,
    clientsConfigPath: join(folder, clientsFile),
    globalWorkerToken: workerToken,
    logLevel: "error",
    jobMaxRetries: 2,
    workerPollTimeoutSeconds: 10,
    workerHealthCheckIntervalSeconds: 6,
    cancelGraceSeconds: 2,
    recoveryGraceSeconds: 1,
    rateLimitingEnabled: false,
  }),
});
const log = new HandlerLog(folder, number);
const random = new Random(seed * 7919 + number);
for (const shape of shapes)
  engine.registerBlueprint(randomBlueprint(shape, { random, log, calm, ranked: load.ranked }));
engine.registerBlueprint(meteredBlueprint());
tell({ kind: "opens" });
const stopped = engine.run();
await engine.start();
tell({ kind: "listens", url: engine.address });
await stopped;
process.disconnect?.();

// An engine in a process of its own, to be killed. Arguments: its file, its port, the two tokens. Prints its address.
import { loadConfig, MemoryStorage, OrchestratorEngine, SqliteStorage } from "avtomatika";
import { flows } from "./flows.ts";

const [file = "", port = "0", clientToken = "", globalWorkerToken = ""] = process.argv.slice(2);
const engine = new OrchestratorEngine({
  storage: file === "memory" ? new MemoryStorage() : new SqliteStorage(file),
  config: loadConfig({
    apiHost: "127.0.0.1",
    apiPort: Number(port),
    clientToken,
    globalWorkerToken,
    logLevel: "error",
    workerPollTimeoutSeconds: 30,
  }),
});
for (const flow of flows()) engine.registerBlueprint(flow);
// Whoever started it holds the other end of stdin.
process.stdin.on("end", () => process.exit(1)).resume();
await engine.start();
console.log(engine.address);

// A worker of the storm: the SDK as anybody would use it, and a ledger of what its handler did. It stops when it is told to.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { TransientError, Worker } from "@avtomatika/worker";
import { Ledger } from "./ledger.ts";
import { type Execution, readSetup, type Work } from "./setup.ts";

const { folder, workerToken, number, url } = readSetup();
const workerId = `worker-${number}`;
const ledger = new Ledger<Execution>(folder, "executions", workerId);
const worker = new Worker({
  orchestratorUrl: url,
  token: workerToken,
  workerId,
  maxConcurrentTasks: 4,
  heartbeatIntervalMs: 1000,
  pollTimeoutSeconds: 5,
});

worker.task<Work>("work", async ({ key, ms, failures }, { taskId, attempt, progress, signal }) => {
  const execution = { worker: workerId, taskId, key, nonce: randomUUID() };
  ledger.write({ ...execution, kind: "began", at: Date.now() });
  if (ms > 100) await progress(0.5, "half way");
  await sleep(ms, undefined, { signal });
  if (attempt <= failures) throw new TransientError("not yet");
  ledger.write({ ...execution, kind: "ended", at: Date.now() });
  return { effect: { key, nonce: execution.nonce } };
});

// Whoever started it is gone.
const orphaned = (): never => process.exit(1);
process.on("disconnect", orphaned);
process.on("message", () => void worker.stop());
await worker.run();
process.off("disconnect", orphaned);
process.disconnect?.();

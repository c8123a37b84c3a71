// A worker's process that uses the SDK as anybody would. Its number says what it is like: slow, failing, crashing.
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidInputError, PermanentError, TransientError, Worker } from "@avtomatika/worker";
import { taskTypes } from "../kill/choices.ts";
import { Journal } from "../kill/journal.ts";
import { hearOrders, readSetup } from "../kill/messages.ts";
import { Random } from "../simulate/random.ts";
import { natureOf } from "./natures.ts";

const { folder, seed, number, workerToken, url = "" } = readSetup();
const workerId = `worker-${number}`;
const nature = natureOf(number);
const journal = new Journal(folder, workerId);
const random = new Random(seed * 104729 + number);
let calm = false;

const worker = new Worker({
  orchestratorUrl: url,
  token: workerToken,
  workerId,
  maxConcurrentTasks: 20,
  heartbeatIntervalMs: 1500,
  pollTimeoutSeconds: 5,
  costPerSecond: random.int(1, 6),
  resources: { cpuCores: random.int(1, 4) },
});
for (const type of taskTypes) {
  worker.task<{ fan: string }>(type, async ({ fan }, { taskId, progress, signal }) => {
    if (random.chance(0.3)) await progress(0.5, "half way");
    await sleep(nature === "slow" ? random.int(500, 4000) : random.int(10, 300), undefined, { signal });
    if (nature === "crashing" && !calm && random.chance(0.02)) process.kill(process.pid, "SIGKILL");
    if (random.chance(nature === "failing" ? 0.5 : 0.05)) throw failure();
    const nonce = random.uuid();
    journal.write({ kind: "executed", taskId, worker: workerId, nonce, fan });
    const data = { nonce, fan };
    return random.chance(0.06) ? { status: "needs_review", data } : { status: "success", data };
  });
}
hearOrders((order) => {
  if (order.kind === "calm") calm = true;
  if (order.kind === "end") void worker.stop();
});
await worker.run();
process.exit(0);

function failure(): Error {
  const Kind = random.pick([TransientError, TransientError, TransientError, PermanentError, InvalidInputError]);
  return new Kind("no luck");
}

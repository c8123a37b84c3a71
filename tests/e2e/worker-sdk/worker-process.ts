// A worker in a process of its own, to be sent signals. Environment: what the SDK reads. Says "began" over IPC when its task
// runs, which ends when it hears "finish".
import { Worker } from "@avtomatika/worker";

const worker = new Worker({ heartbeatIntervalMs: 100 });
worker.task("work", async () => {
  process.send?.("began");
  await new Promise((resolve) => process.once("message", resolve));
  return { by: worker.workerId };
});
await worker.run();
process.disconnect?.();

// A worker of a user's, with everything typed: compiled where nothing but the worker is installed.
import { PermanentError, type TaskContext, Worker, type WorkerOptions } from "@avtomatika/worker";

const options: WorkerOptions = {
  orchestratorUrl: "http://127.0.0.1:8080",
  token: "worker-secret",
  workerId: "price-1",
};

export const worker = new Worker(options);
worker.task<{ item: string }>("price", async ({ item }, { signal, deadline, progress }: TaskContext) => {
  if (signal.aborted || deadline.getTime() < 0) throw new PermanentError(`no time for ${item}`);
  await progress(0.5);
  return { status: "success", data: { total: item.length } };
});

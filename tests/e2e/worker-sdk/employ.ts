// Workers of these tests: they are stopped after the test, before their engines.
import { Worker, type WorkerOptions } from "@avtomatika/worker";
import { afterEach } from "vitest";
import { tokens } from "../http/served.ts";

const employed: Worker[] = [];

afterEach(async () => {
  for (const worker of employed.splice(0)) await worker.stop();
});

export function employ(url: string, options: WorkerOptions = {}): Worker {
  const worker = new Worker({
    orchestratorUrl: url,
    token: tokens.workerToken,
    workerId: "w",
    heartbeatIntervalMs: 100,
    logger: silent,
    ...options,
  });
  employed.push(worker);
  return worker;
}

const nothing = (): void => {};
export const silent = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silent,
};

// A Fastify server that answers workers as the engine does and knows nothing: what HTTP alone costs.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { answer } from "./support/child.ts";
import type { EngineFigures } from "./support/engine.ts";
import { LoopDelay } from "./support/loop-delay.ts";

export type BareFigures = Pick<EngineFigures, "cpuMs" | "loop" | "peakBytes">;

interface Reply {
  code(status: number): { send(): void };
}
interface Bare {
  get(path: string, handler: (request: unknown, reply: Reply) => void): void;
  patch(path: string, handler: () => Promise<object>): void;
  post(path: string, handler: () => Promise<object>): void;
  listen(options: { host: string; port: number }): Promise<string>;
  close(): Promise<void>;
}

const pollMs = 30_000;
// The engine's own Fastify, found from its package.
const require = createRequire(fileURLToPath(import.meta.resolve("avtomatika/package.json")));
const { fastify } = require("fastify") as { fastify: (options: object) => Bare };
const app = fastify({ logger: false, keepAliveTimeout: 72_000, forceCloseConnections: true });
let began = process.cpuUsage();
// It costs the same here as in the engine's process.
const delay = new LoopDelay(() => 0);

answer({ start, reset, figures, stop });

async function start(): Promise<{ address: string }> {
  app.get("/_worker/workers/:id/tasks/next", (_request, reply) => {
    setTimeout(() => reply.code(204).send(), pollMs);
  });
  app.patch("/_worker/workers/:id", async () => ({ worker_id: "idle", status: "idle", load: 0 }));
  app.post("/_worker/workers/register", async () => ({ status: "registered" }));
  return { address: await app.listen({ host: "127.0.0.1", port: 0 }) };
}

function reset(): void {
  delay.reset();
  began = process.cpuUsage();
}
function figures(): BareFigures {
  const { user, system } = process.cpuUsage(began);
  return { cpuMs: (user + system) / 1000, loop: delay.read(), peakBytes: process.memoryUsage.rss() };
}

async function stop(): Promise<void> {
  delay.stop();
  await app.close();
}

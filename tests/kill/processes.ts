import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { News, Order, Setup } from "./messages.ts";

const modules = {
  engine: import.meta.resolve("./engine.ts"),
  client: import.meta.resolve("./client.ts"),
  worker: import.meta.resolve("./worker.ts"),
  "chaos-engine": import.meta.resolve("../chaos/engine.ts"),
  "sdk-worker": import.meta.resolve("../chaos/sdk-worker.ts"),
};
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** A process of the test, which is over when it has exited. */
export class TestProcess {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  onNews: (news: News) => void = () => {};
  over = false;
  readonly #child: ChildProcess;

  /** What it prints goes to `errors.log` of the folder. */
  constructor(name: keyof typeof modules, setup: Setup) {
    const errors = openSync(join(setup.folder, "errors.log"), "a");
    this.#child = spawn(process.execPath, [fileURLToPath(modules[name])], {
      env: { ...process.env, NODE_NO_WARNINGS: "1", LOG_LEVEL: "error", KILL_TEST: JSON.stringify(setup) },
      stdio: ["ignore", errors, errors, "ipc"],
    });
    closeSync(errors);
    alive.add(this.#child);
    this.#child.on("message", (news) => this.onNews(news as News));
    this.exited = new Promise((resolve) => {
      this.#child.on("exit", (code, signal) => {
        alive.delete(this.#child);
        this.over = true;
        resolve({ code, signal });
      });
    });
  }

  /** One that has gone doesn't hear it. */
  order(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }
  signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }
}

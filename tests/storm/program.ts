import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Setup } from "./setup.ts";

const modules = {
  engine: import.meta.resolve("./engine-process.ts"),
  redisEngine: import.meta.resolve("../outage/engine-process.ts"),
  worker: import.meta.resolve("./worker-process.ts"),
};
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** A process of the storm. It ends with the storm, however that ends. */
export class Program {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;

  /** What it prints goes to `printed.log` of the folder. */
  constructor(name: keyof typeof modules, setup: Setup) {
    const printed = openSync(join(setup.folder, "printed.log"), "a");
    this.#child = spawn(process.execPath, [fileURLToPath(modules[name])], {
      env: {
        ...process.env,
        NODE_NO_WARNINGS: "1",
        LOG_LEVEL: "error",
        // What is proved here are the SDKs' own bounds.
        RATE_LIMITING_ENABLED: "false",
        STORM: JSON.stringify(setup),
      },
      stdio: ["ignore", printed, printed, "ipc"],
    });
    closeSync(printed);
    alive.add(this.#child);
    this.exited = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        alive.delete(this.#child);
        resolve({ code, signal });
      });
    });
  }

  /** The first thing it says; rejects if it ends before. */
  async says(): Promise<unknown> {
    const ended = this.exited.then(({ code, signal }) => {
      throw new Error(`a process ended before it said anything: ${code ?? signal}`);
    });
    return Promise.race([new Promise((resolve) => this.#child.once("message", resolve)), ended]);
  }
  stop(): void {
    if (this.#child.connected) this.#child.send("stop", () => {});
  }
  signal(signal: "SIGKILL" | "SIGTERM"): void {
    this.#child.kill(signal);
  }
}

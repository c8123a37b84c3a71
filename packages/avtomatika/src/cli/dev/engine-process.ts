import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Order, Told } from "#cli/dev/messages";

const launcher = fileURLToPath(new URL("../../../bin/avtomatika.js", import.meta.url));
/** Handlers have 30 s to end; one that keeps its process busy for longer is cut off, as by a crash. */
const stopMs = 40_000;

/** A process that has loaded one version of the modules, and serves it when told. */
export class EngineProcess {
  /** Whether the modules could be loaded. Never rejects, nor do the others. */
  readonly loaded: Promise<boolean>;
  /** Resolves with what ended it. */
  readonly ended: Promise<string>;
  /** What was loaded, as far as it has told. */
  files: Readonly<Record<string, string>> = {};
  readonly #child: ChildProcess;
  readonly #listens: Promise<{ url: string; port: number } | undefined>;
  readonly #remove = () => this.#child.kill("SIGKILL");

  constructor(args: readonly string[]) {
    // Its stdout is no place for anything: ours has the URL only.
    this.#child = fork(launcher, ["dev-engine", ...args], { stdio: ["ignore", 2, 2, "ipc"] });
    process.on("exit", this.#remove);
    this.ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(error.message));
      this.#child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    void this.ended.then(() => process.off("exit", this.#remove));
    this.loaded = this.#told("loaded").then((told) => told?.isGood === true);
    this.#listens = this.#told("listens");
    this.#child.on("message", (told: Told) => {
      if (told.kind === "loaded") this.files = told.files;
    });
  }

  /** Resolves once it listens, or with nothing if it ends instead. */
  serve(): Promise<{ url: string; port: number } | undefined> {
    this.#order("serve");
    return this.#listens;
  }

  /** Lets running handlers end. */
  async stop(): Promise<void> {
    this.#order("stop");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), stopMs);
    await this.ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  #order(order: Order): void {
    // One that has ended meanwhile is told by `ended`.
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  /** The first message of a kind, or nothing if it ends before. */
  #told<Kind extends Told["kind"]>(kind: Kind): Promise<Extract<Told, { kind: Kind }> | undefined> {
    return new Promise((resolve) => {
      this.#child.on("message", (told: Told) => {
        if (told.kind === kind) resolve(told as Extract<Told, { kind: Kind }>);
      });
      void this.ended.then(() => resolve(undefined));
    });
  }
}

import { HttpCaller, pause } from "./http-caller.ts";
import type { Order, Setup } from "./messages.ts";
import { TestProcess } from "./processes.ts";

/** Starts one engine after the other, and tells the others where it is. */
export class EngineRuns {
  readonly #setup: Omit<Setup, "number" | "calm">;
  readonly #tell: (order: Order) => void;
  #number = 0;
  #engine: TestProcess | null = null;
  #listening: Promise<void> = Promise.resolve();
  #listensSince = 0;
  /** The longest time from the start of a process to its first answer, in milliseconds. */
  slowestStart = 0;
  /** The longest time from the opening of the store to the first answer: what recovery takes. */
  slowestRecovery = 0;

  constructor(setup: Omit<Setup, "number" | "calm">, tell: (order: Order) => void) {
    this.#setup = setup;
    this.#tell = tell;
  }

  /** How long the last one could be reached. */
  get upMs(): number {
    return this.#listensSince === 0 ? 0 : performance.now() - this.#listensSince;
  }

  start(calm: boolean): TestProcess {
    const begun = performance.now();
    const engine = new TestProcess("engine", { ...this.#setup, number: this.#number++, calm });
    this.#engine = engine;
    this.#listensSince = 0;
    let opened = begun;
    this.#listening = new Promise((resolve) => {
      engine.onNews = (news) => {
        if (news.kind === "opens") opened = performance.now();
        if (news.kind !== "listens" || engine.over) return;
        this.#listensSince = performance.now();
        this.#tell({ kind: "url", url: news.url });
        void this.#measure(engine, news.url, begun, opened);
        resolve();
      };
    });
    return engine;
  }

  /** Rejects if it ends before it listens, or takes too long. */
  async listens(): Promise<void> {
    const engine = this.#engine as TestProcess;
    const failed = engine.exited.then(({ code, signal }) => {
      throw new Error(`the engine ended before it listened: ${code ?? signal}`);
    });
    const late = pause(30_000).then(() => {
      throw new Error("the engine didn't listen within 30 s");
    });
    await Promise.race([this.#listening, failed, late]);
  }

  /** Until it is gone. */
  async gone(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const end = await (this.#engine as TestProcess).exited;
    this.#tell({ kind: "url", url: null });
    return end;
  }

  async #measure(engine: TestProcess, url: string, begun: number, opened: number): Promise<void> {
    const http = new HttpCaller({ "x-client-token": this.#setup.clientToken }, this.#setup.load.patienceMs);
    http.url = url;
    const answer = await http.attempt("GET", "/api/v1/jobs?limit=1");
    if (answer?.status !== 200 || engine.over) return;
    this.slowestStart = Math.max(this.slowestStart, performance.now() - begun);
    this.slowestRecovery = Math.max(this.slowestRecovery, performance.now() - opened);
  }
}

import { HttpCaller, pause } from "./http-caller.ts";
import type { Setup } from "./messages.ts";
import { TestProcess } from "./processes.ts";

interface Run {
  engine: TestProcess;
  url: string | null;
}

/** Starts one engine after the other, and tells the others where they are. */
export class EngineRuns {
  readonly #setup: Omit<Setup, "number" | "calm">;
  readonly #tell: (urls: readonly string[]) => void;
  /** Those that nobody has killed yet, the oldest first. */
  #runs: Run[] = [];
  #number = 0;
  #listening: Promise<void> = Promise.resolve();
  #listensSince = 0;
  /** The longest time from the start of a process to its first answer, in milliseconds. */
  slowestStart = 0;
  /** The longest time from the opening of the store to the first answer: what recovery takes. */
  slowestRecovery = 0;

  /** `tell` is given the addresses of all that listen, whenever they change. */
  constructor(setup: Omit<Setup, "number" | "calm">, tell: (urls: readonly string[]) => void) {
    this.#setup = setup;
    this.#tell = tell;
  }

  /** How long the last one could be reached. */
  get upMs(): number {
    return this.#listensSince === 0 ? 0 : performance.now() - this.#listensSince;
  }

  /** The oldest first. */
  get engines(): TestProcess[] {
    return this.#runs.map(({ engine }) => engine);
  }

  start(calm: boolean): TestProcess {
    const begun = performance.now();
    const engine = new TestProcess("engine", { ...this.#setup, number: this.#number++, calm });
    const run: Run = { engine, url: null };
    this.#runs.push(run);
    this.#listensSince = 0;
    let opened = begun;
    this.#listening = new Promise((resolve) => {
      engine.onNews = (news) => {
        if (news.kind === "opens") opened = performance.now();
        if (news.kind !== "listens" || engine.over) return;
        this.#listensSince = performance.now();
        run.url = news.url;
        this.#tellAll();
        void this.#measure(engine, news.url, begun, opened);
        resolve();
      };
    });
    return engine;
  }

  /** Until the last one listens. Rejects if it ends before, or takes too long. */
  async listens(): Promise<void> {
    const engine = this.engines.at(-1) as TestProcess;
    const failed = engine.exited.then(({ code, signal }) => {
      throw new Error(`the engine ended before it listened: ${code ?? signal}`);
    });
    const late = pause(30_000).then(() => {
      throw new Error("the engine didn't listen within 30 s");
    });
    await Promise.race([this.#listening, failed, late]);
  }

  /** Until it is gone. */
  async gone(engine: TestProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const end = await engine.exited;
    this.#runs = this.#runs.filter((run) => run.engine !== engine);
    this.#tellAll();
    return end;
  }

  #tellAll(): void {
    this.#tell(this.#runs.flatMap(({ url }) => url ?? []));
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

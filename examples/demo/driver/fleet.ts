// The workers: hired by name, and started again when they die.
import { fileURLToPath } from "node:url";
import { end, type Started } from "./process.ts";
import type { Processes } from "./processes.ts";

const program = fileURLToPath(new URL("../worker/main.ts", import.meta.url));
const mostDeaths = 10;

export class Fleet {
  readonly #processes: Processes;
  readonly #env: NodeJS.ProcessEnv;
  readonly #onDeath: (name: string, successor: number) => void;
  readonly #workers = new Map<string, Started>();
  #deaths = 0;
  #isStopping = false;

  constructor(processes: Processes, env: NodeJS.ProcessEnv, onDeath: (name: string, successor: number) => void) {
    this.#processes = processes;
    this.#env = env;
    this.#onDeath = onDeath;
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** Starts a worker, and another one in its place whenever it ends by itself; answers its process id. */
  hire(name: string): number {
    const worker = this.#processes.start(name, [program], { ...this.#env, WORKER_ID: name });
    this.#workers.set(name, worker);
    void worker.ended.then(() => {
      if (this.#isStopping || this.#processes.isOver || ++this.#deaths > mostDeaths) return;
      this.#onDeath(name, this.hire(name));
    });
    return worker.pid;
  }

  /** Asks all to end; resolves with how each did. */
  stop(): Promise<(number | string)[]> {
    this.#isStopping = true;
    return Promise.all([...this.#workers.values()].map(end));
  }
}

import { Child } from "./child.ts";
import type { Means } from "./job-clients.ts";

export interface WorkerOptions {
  address: string;
  workers: number;
  /** How they speak to the engine; raw by default. The SDK decides on everything else by itself. */
  means?: Means;
  /** Tasks per poll, whose results travel together; null for one by one. */
  limit: number | null;
  /** A worker polls again only when its results are acknowledged. */
  inTurn: boolean;
}

/** Workers of the task type "work", all in one process. */
export class Workers {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(options: WorkerOptions): Promise<Workers> {
    const child = new Child("worker-process.ts");
    await child.ask("start", options);
    return new Workers(child);
  }

  /** Tasks whose results were acknowledged. */
  count(): Promise<number> {
    return this.#child.ask("count");
  }
  /** Processor time since the last call, in milliseconds. */
  cpuMs(): Promise<number> {
    return this.#child.ask("cpuMs");
  }
  stop(): Promise<void> {
    return this.#child.stop();
  }
}

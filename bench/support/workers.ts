import { Child } from "./child.ts";

export interface WorkerOptions {
  address: string;
  workers: number;
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
  stop(): Promise<void> {
    return this.#child.stop();
  }
}

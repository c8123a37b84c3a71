import { randomUUID } from "node:crypto";
import { AvtomatikaClient, type JobView } from "@avtomatika/client";
import type { Random } from "../simulate/random.ts";
import type { Tally } from "../simulate/tally.ts";
import type { Effect } from "./setup.ts";

/** A job with what it was asked for. */
export interface Made {
  jobId: string;
  tasks: number;
  view: JobView<object, { done: Effect[] }>;
}

/** Jobs that come by the client SDK until it is told to end; then what was begun is brought to its end. */
export class Load {
  readonly ended: Made[] = [];
  readonly #client: AvtomatikaClient;
  readonly #random: Random;
  readonly #tally: Tally;
  #isOver = false;

  constructor(url: string, token: string, random: Random, tally: Tally) {
    // An outage is longer than a program would wait for by default.
    this.#client = new AvtomatikaClient({ url, token, retry: { maxRetries: 500, maxDelayMs: 1000 } });
    this.#random = random;
    this.#tally = tally;
  }

  /** So many jobs at a time. */
  async run(atOnce: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: atOnce }, () => this.#oneByOne()));
    } finally {
      await this.#client.close();
    }
  }
  end(): void {
    this.#isOver = true;
  }

  async #oneByOne(): Promise<void> {
    while (!this.#isOver) {
      const target = this.#random.chance(0.5) ? "/in_turn" : "/at_once";
      const count = target === "/in_turn" ? this.#random.int(1, 3) : this.#random.int(2, 8);
      const tasks = Array.from({ length: count }, () => this.#task());
      this.#tally.add(target === "/in_turn" ? "tasks in turn" : "fan-out");
      const view = await this.#job(target, { tasks });
      this.ended.push({ jobId: view.jobId, tasks: count, view });
    }
  }

  /** In each of the ways in which the SDK creates jobs and waits for them. */
  async #job(target: string, data: object): Promise<Made["view"]> {
    const draw = this.#random.next();
    if (draw < 0.3) return this.#client.jobs.run(target, data);
    const options = draw < 0.6 ? { idempotencyKey: randomUUID() } : {};
    const { jobId } = await this.#client.jobs.create(target, data, options);
    return this.#client.jobs.wait(jobId);
  }

  #task(): { ms: number; failures: number } {
    const random = this.#random;
    const ms = random.chance(0.15) ? random.int(1500, 5000) : random.int(0, 300);
    return { ms, failures: random.chance(0.05) ? 1 : 0 };
  }
}

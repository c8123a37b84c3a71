import { randomUUID } from "node:crypto";
import { pause } from "../kill/http-caller.ts";
import type { Made } from "../storm/load.ts";

/** What the engines answered to creations. */
export interface Counts {
  created: number;
  refused: number;
  /** Refusals without `Retry-After`, or with another status than 503. */
  wrong: string[];
  /** The shortest and the longest time until a refusal, in milliseconds. */
  refusedAfter: [number, number];
}

/** Clients over plain HTTP that see every answer, where an SDK would hide that it asked again. */
export class Callers {
  readonly counts: Counts = { created: 0, refused: 0, wrong: [], refusedAfter: [Number.POSITIVE_INFINITY, 0] };
  readonly #urls: readonly string[];
  readonly #headers: Record<string, string>;
  #jobs: { url: string; jobId: string; tasks: number }[] = [];
  #isOver = false;

  constructor(urls: readonly string[], token: string) {
    this.#urls = urls;
    this.#headers = { "content-type": "application/json", "x-client-token": token };
  }

  /** Each creates a job, pauses, and creates the next, until `end`. */
  async run(callers: number): Promise<void> {
    await Promise.all(Array.from({ length: callers }, (_, number) => this.#createAgainAndAgain(number)));
  }
  end(): void {
    this.#isOver = true;
  }

  /** The jobs as they ended; one that hasn't ended by `until` is as it is then. */
  async ended(until: number): Promise<Made[]> {
    const made: Made[] = [];
    for (const { url, jobId, tasks } of this.#jobs) {
      let view: { status?: string; result?: Made["view"]["result"]; error_message?: string | null } = {};
      do {
        const answer = await fetch(`${url}/api/v1/jobs/${jobId}?wait=20`, { headers: this.#headers }).catch(() => null);
        view = ((await answer?.json().catch(() => null)) as typeof view | null) ?? {};
        if (view.status === "finished") break;
        await pause(100);
      } while (performance.now() < until);
      made.push({
        jobId,
        tasks,
        view: { status: view.status, result: view.result, errorMessage: view.error_message } as unknown as Made["view"],
      });
    }
    return made;
  }

  async #createAgainAndAgain(number: number): Promise<void> {
    const url = this.#urls[number % this.#urls.length] as string;
    for (let count = 0; !this.#isOver; count++) {
      const target = count % 2 === 0 ? "in_turn" : "at_once";
      // Some are with a worker for longer than the calls before an outage are under way.
      const tasks = Array.from({ length: 2 }, (_, at) => ({ ms: (count + at) % 5 === 0 ? 3000 : 100, failures: 0 }));
      await this.#create(url, target, { tasks });
      await pause(200);
    }
  }

  /** The same creation until it is accepted: its key makes it one. */
  async #create(url: string, target: string, data: { tasks: object[] }): Promise<void> {
    const headers = { ...this.#headers, "idempotency-key": randomUUID() };
    for (;;) {
      const begun = performance.now();
      const answer = await fetch(`${url}/api/v1/${target}`, { method: "POST", headers, body: JSON.stringify(data) });
      const body = (await answer.json()) as { job_id?: string };
      if (answer.ok && body.job_id !== undefined) {
        this.counts.created += 1;
        this.#jobs.push({ url, jobId: body.job_id, tasks: data.tasks.length });
        return;
      }
      this.#refused(answer, performance.now() - begun);
      await pause(1000);
    }
  }

  #refused(answer: Response, ms: number): void {
    const { counts } = this;
    counts.refused += 1;
    counts.refusedAfter = [Math.min(counts.refusedAfter[0], ms), Math.max(counts.refusedAfter[1], ms)];
    if (answer.status === 503 && answer.headers.has("retry-after")) return;
    counts.wrong.push(`a creation was answered ${answer.status}, Retry-After ${answer.headers.get("retry-after")}`);
  }
}

// An engine over a store's file whose clock begins at a given instant, with a client and a worker at it.
import { AvtomatikaClient } from "@avtomatika/client";
import { loadConfig, OrchestratorEngine, SqliteStorage } from "avtomatika";
import { flows } from "./flows.ts";

/** A task as a worker has it. */
export interface HeldTask {
  job_id: string;
  task_id: string;
  type: string;
  params: { n?: number };
}

/** What is told of the jobs in a stored file. */
export interface StoredJobs {
  /** When it was copied, by its own clock; what comes after begins there. */
  madeAt: number;
  jobs: Record<string, { id: string; status: string }>;
  /** Tasks that the worker `w1` had not answered. */
  held: HeldTask[];
  idempotencyKey: string;
  /** The value that `once` kept for the job `thrown`. */
  token: string;
}

const tokens = { clientToken: "client-secret", globalWorkerToken: "worker-secret" };

/** The store's time: it begins at an instant, passes as usual, and can be put forward. */
class Clock {
  #offset: number;

  constructor(from: number) {
    this.#offset = from - performance.now();
  }
  now(): number {
    return this.#offset + performance.now();
  }
  advance(seconds: number): void {
    this.#offset += seconds * 1000;
  }
}

export class StoreEngine {
  readonly engine: OrchestratorEngine;
  readonly client: AvtomatikaClient;
  readonly clock: Clock;

  private constructor(engine: OrchestratorEngine, clock: Clock) {
    this.engine = engine;
    this.clock = clock;
    this.client = new AvtomatikaClient({ url: engine.address, token: tokens.clientToken });
  }

  static async start(path: string, { from, slots = 100 }: { from: number; slots?: number }): Promise<StoreEngine> {
    const clock = new Clock(from);
    const config = loadConfig({
      ...tokens,
      apiHost: "127.0.0.1",
      apiPort: 0,
      logLevel: "silent",
      workerPollTimeoutSeconds: 0.2,
      watcherIntervalSeconds: 0.2,
      executorMaxConcurrentJobs: slots,
    });
    const engine = new OrchestratorEngine({ config, storage: new SqliteStorage(path, { clock: () => clock.now() }) });
    for (const flow of flows()) engine.registerBlueprint(flow);
    await engine.start();
    return new StoreEngine(engine, clock);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.engine.stop();
  }

  async register(worker: string, types: readonly string[]): Promise<void> {
    await this.#worker("POST", "/workers/register", { worker_id: worker, supported_tasks: types });
  }
  /** One task, or undefined if there was none for a moment. */
  take(worker: string): Promise<HeldTask | undefined> {
    return this.#worker("GET", `/workers/${worker}/tasks/next`) as Promise<HeldTask | undefined>;
  }
  async report({ job_id, task_id }: HeldTask, worker: string, result: object): Promise<void> {
    await this.#worker("POST", "/tasks/result", { job_id, task_id, worker_id: worker, result });
  }

  async #worker(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.engine.address}/_worker${path}`, {
      method,
      headers: { "x-worker-token": tokens.globalWorkerToken, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}

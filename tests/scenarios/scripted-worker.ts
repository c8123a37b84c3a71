import type { Json, JsonObject } from "avtomatika/internal/core/json";
import type { Engine } from "avtomatika/internal/engine/engine";
import type { HandedTask, ResultVerdict } from "avtomatika/internal/engine/orchestrator";
import { Process } from "../simulate/process.ts";
import type { Scene } from "./harness.ts";

export interface WorkerAnswer {
  status?: string;
  data?: Json;
  error?: { code: string; message: string } | null;
}
/** What a worker does with a task; null: it never answers. */
export type WorkerScript = (
  task: HandedTask,
  worker: ScriptedWorker,
) => WorkerAnswer | null | Promise<WorkerAnswer | null>;

const heartbeatMs = 15_000;
const pollMs = 30_000;

/** A worker process whose work is a function: it registers, polls, and reports, as the SDKs do. */
export class ScriptedWorker {
  readonly id: string;
  readonly process: Process;
  /** Every task that reached it, in order. */
  readonly got: HandedTask[] = [];
  readonly verdicts: ResultVerdict[] = [];
  /** The tasks that heartbeats told it to stop. */
  readonly told = new Set<string>();
  /** The most tasks it had at once. */
  most = 0;
  open = 0;
  readonly #scene: Scene;
  readonly #script: WorkerScript;
  readonly #record: JsonObject;
  #polls = true;

  constructor(id: string, record: JsonObject, script: WorkerScript, scene: Scene) {
    this.id = id;
    this.#scene = scene;
    this.#script = script;
    this.#record = { worker_id: id, max_concurrent_tasks: 1, ...record };
    this.process = new Process(scene.time);
    void this.#live();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.process.after(ms, resolve));
  }
  kill(): void {
    this.process.kill();
  }
  /** It asks for nothing more, but finishes and reports what it has. */
  stopPolling(): void {
    this.#polls = false;
  }

  async report(task: Pick<HandedTask, "jobId" | "taskId">, answer: WorkerAnswer): Promise<ResultVerdict> {
    const report = { status: "success", data: null, error: null, ...answer };
    const message = { jobId: task.jobId, taskId: task.taskId, worker: this.id, report };
    for (;;) {
      try {
        const [verdict] = await this.#request((engine) => engine.results([message]));
        this.verdicts.push(verdict as ResultVerdict);
        return verdict as ResultVerdict;
      } catch {
        await this.sleep(1000);
      }
    }
  }

  /** Nothing reaches a dead worker. */
  #request<T>(call: (engine: Engine) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#scene.request(call).then(
        (answer) => this.process.enter(() => resolve(answer)),
        (error: unknown) => this.process.enter(() => reject(error as Error)),
      );
    });
  }

  async #live(): Promise<void> {
    await this.#insist(() => this.#request((engine) => engine.registerWorker(this.id, { ...this.#record })));
    void this.#beat();
    const most = this.#record["max_concurrent_tasks"] as number;
    for (;;) {
      if (this.open >= most || !this.#polls) await this.sleep(20);
      else for (const task of await this.#poll(most - this.open)) void this.#work(task);
    }
  }

  async #beat(): Promise<void> {
    for (;;) {
      await this.sleep(heartbeatMs);
      await this.#request((engine) => engine.heartbeat(this.id, null)).then(
        ({ cancelTaskIds }) => {
          for (const id of cancelTaskIds) this.told.add(id);
        },
        () => {},
      );
    }
  }

  async #poll(limit: number): Promise<HandedTask[]> {
    const { signal } = new AbortController();
    try {
      return await this.#request(async (engine) => {
        const poll = await engine.poll(this.id, { limit, holdMs: pollMs, signal });
        if (!this.process.alive) {
          poll?.undelivered();
          return [];
        }
        poll?.delivered();
        return poll?.tasks ?? [];
      });
    } catch {
      await this.sleep(500);
      return [];
    }
  }

  async #work(task: HandedTask): Promise<void> {
    this.got.push(task);
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    const answer = await this.#script(task, this);
    if (!this.process.alive) return;
    if (answer !== null) await this.report(task, answer);
    this.open -= 1;
  }

  async #insist(call: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await call();
        return;
      } catch {
        await this.sleep(500);
      }
    }
  }
}

import type { Json, JsonObject } from "#core/json";
import type { Logger } from "#core/logger";
import type { Engine } from "#engine/engine";
import type { HandedTask } from "#engine/orchestrator";
import { readResult } from "#server/request/read-report";
import { type Duration, readDuration } from "#testing/duration";
import type { UserData } from "#testing/job-view";
import type { Network } from "#testing/network";
import { Process } from "#testing/process";
import type { UserCall, UserCode } from "#testing/user-code";
import type { VirtualTime } from "#testing/virtual-time";
import { failure, returnedResult, thrownResult } from "#testing/worker-result";

const heartbeatMs = 15_000;
const pollMs = 30_000;
/** A worker that was silent for so long registers anew: its record may be gone. */
const forgottenMs = 3_600_000;
const maxReportPauseMs = 16_000;

/** What a worker's function knows of its task beside the params. */
export interface TaskContext {
  readonly taskId: string;
  readonly jobId: string;
  /** Counts the attempts of this task from 1. */
  readonly attempt: number;
  /** When the engine stops waiting, in virtual time. */
  readonly deadline: Date;
  /** Aborts when the job was cancelled (the worker hears of it by a heartbeat, every 15 s) or the deadline has passed. */
  readonly signal: AbortSignal;
  /** Tells how far the task is, from 0 to 1. */
  readonly progress: (value: number, message?: string) => Promise<void>;
  /** Lets virtual time pass; without a duration for ever. Rejects when `signal` aborts. */
  readonly sleep: (duration?: Duration) => Promise<void>;
  readonly logger: Logger;
}

/** Does a task. Throws `TransientError`, `PermanentError` or `InvalidInputError` to say how it failed. */
export type TaskFunction = (params: UserData, context: TaskContext) => unknown;

/** What a worker is like, beside what it can do. */
export interface WorkerOptions {
  /** How many tasks it runs at a time. Default 10. */
  maxConcurrentTasks?: number | undefined;
  costPerSecond?: number | undefined;
  /** As in its registration: `{ cpu_cores: 8, gpu_info: { model, vram_gb } }`. */
  resources?: object | undefined;
  capabilities?: object | undefined;
  installedModels?: readonly { name: string; version?: string }[] | undefined;
}

export interface WorkerWorld {
  network: Network;
  time: VirtualTime;
  code: UserCode;
  logger: Logger;
  /** True where the answer to this poll is to get lost on its way. */
  losesTasks: () => boolean;
}

/** A worker process for one type of task: registers, polls, works and reports, as the SDKs do. */
export class TestWorker {
  readonly id: string;
  readonly type: string;
  readonly process: Process;
  readonly #world: WorkerWorld;
  #perform: TaskFunction;
  #record: JsonObject;
  #limit: number;
  readonly #running = new Map<string, AbortController>();
  #onDone: () => void = () => {};
  #heardAt: number;

  constructor(id: string, type: string, perform: TaskFunction, options: WorkerOptions, world: WorkerWorld) {
    this.id = id;
    this.type = type;
    this.#perform = perform;
    this.#world = world;
    this.#limit = limitOf(options);
    this.#record = recordOf(id, type, options);
    this.#heardAt = world.time.now();
    this.process = new Process(world.time);
    void this.#live();
  }

  get isFull(): boolean {
    return this.#running.size >= this.#limit;
  }

  /** From the next task on it works like this. */
  become(perform: TaskFunction, options: WorkerOptions): void {
    this.#perform = perform;
    this.#limit = limitOf(options);
    this.#record = recordOf(this.id, this.type, options);
    void this.#register();
  }

  async #live(): Promise<void> {
    await this.#register();
    void this.#beat();
    for (;;) {
      if (this.isFull) await this.#untilOneEnds();
      else for (const task of await this.#poll()) void this.#work(task);
    }
  }

  #untilOneEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDone = resolve;
    });
  }

  async #register(): Promise<void> {
    const record = { ...this.#record, current_tasks: [...this.#running.keys()] };
    while (!(await this.#try((engine) => engine.registerWorker(this.id, record).then(() => true))))
      await this.#pause(500);
  }

  async #beat(): Promise<void> {
    for (;;) {
      await this.#pause(heartbeatMs);
      const { time } = this.#world;
      if (time.now() - this.#heardAt > forgottenMs) await this.#register();
      this.#heardAt = time.now();
      const answer = await this.#try((engine) => engine.heartbeat(this.id, { load: this.#running.size }));
      for (const id of answer?.cancelTaskIds ?? [])
        this.#running.get(id)?.abort(new DOMException("the task was cancelled", "AbortError"));
    }
  }

  async #poll(): Promise<HandedTask[]> {
    const { signal } = new AbortController();
    const getTasks = async (engine: Engine): Promise<HandedTask[]> => {
      const poll = await engine.poll(this.id, { limit: this.#limit - this.#running.size, holdMs: pollMs, signal });
      const isLost = poll !== null && poll.tasks.length > 0 && this.#world.losesTasks();
      poll?.delivered();
      return isLost ? [] : (poll?.tasks ?? []);
    };
    // `losesTasks` alone decides whether tasks get lost: each costs an attempt.
    const tasks = await this.#try(getTasks, true);
    if (tasks === null) await this.#pause(500);
    return tasks ?? [];
  }

  async #work(task: HandedTask): Promise<void> {
    if (this.#running.has(task.taskId)) return;
    const controller = new AbortController();
    this.#running.set(task.taskId, controller);
    const stopDeadline = this.process.after(task.deadline - this.#world.time.now(), () =>
      controller.abort(new DOMException("the task's deadline has passed", "TimeoutError")),
    );
    const result = await this.#do(task, controller.signal);
    stopDeadline();
    if (this.process.alive) await this.#report(task, result);
    this.#running.delete(task.taskId);
    this.#onDone();
  }

  async #do(task: HandedTask, signal: AbortSignal): Promise<JsonObject> {
    const { code } = this.#world;
    try {
      const returned = await code.run(this.process, task.jobId, (call) =>
        this.#perform(structuredClone(task.params), this.#context(task, signal, call)),
      );
      return isCancelled(signal) ? { status: "cancelled" } : returnedResult(returned);
    } catch (error) {
      if (isCancelled(signal)) return { status: "cancelled" };
      return signal.aborted ? failure("TIMEOUT_ERROR", (signal.reason as Error).message) : thrownResult(error);
    }
  }

  #context(task: HandedTask, signal: AbortSignal, call: UserCall): TaskContext {
    const { taskId, jobId, attempt, deadline } = task;
    const progress = async (value: number, message?: string): Promise<void> => {
      const report = { [taskId]: { progress: value, message: message ?? null } };
      void this.#try((engine) => engine.heartbeat(this.id, { progress: report }));
    };
    const sleep = (duration?: Duration): Promise<void> => this.#sleep(call, signal, duration);
    const { logger } = this.#world;
    return { taskId, jobId, attempt, deadline: new Date(deadline), signal, progress, sleep, logger };
  }

  #sleep(call: UserCall, signal: AbortSignal, duration: Duration | undefined): Promise<void> {
    const ms = duration === undefined ? Number.POSITIVE_INFINITY : readDuration(duration);
    return new Promise((resolve, reject) => {
      const wake = (end: () => void) => () => {
        call.asleepUntil = null;
        end();
      };
      if (signal.aborted) return reject(signal.reason as Error);
      call.asleepUntil = this.#world.time.now() + ms;
      if (Number.isFinite(ms)) this.process.after(ms, wake(resolve));
      signal.addEventListener(
        "abort",
        wake(() => reject(signal.reason as Error)),
      );
    });
  }

  /** Until the engine has it; at most five times, as the SDKs do. */
  async #report(task: HandedTask, result: JsonObject): Promise<void> {
    const body = { job_id: task.jobId, task_id: task.taskId, worker_id: this.id, result: result as Json };
    const message = readResult(body);
    for (let pause = 1000; pause <= maxReportPauseMs; pause *= 2) {
      if ((await this.#try((engine) => engine.results([message]))) !== null) return;
      await this.#pause(pause);
    }
  }

  /** Null where request or answer were lost, or the store is away. */
  #try<T>(call: (engine: Engine) => Promise<T>, isAnswerSure = false): Promise<T | null> {
    return this.#world.network.request(this.process, call, isAnswerSure).catch(() => null);
  }
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.process.after(ms, resolve));
  }
}

function isCancelled(signal: AbortSignal): boolean {
  return signal.aborted && (signal.reason as Error).name === "AbortError";
}

function limitOf({ maxConcurrentTasks = 10 }: WorkerOptions): number {
  return maxConcurrentTasks;
}

function recordOf(id: string, type: string, options: WorkerOptions): JsonObject {
  const { costPerSecond, resources, capabilities, installedModels } = options;
  return {
    worker_id: id,
    supported_tasks: [type],
    max_concurrent_tasks: limitOf(options),
    ...(costPerSecond === undefined ? {} : { cost_per_second: costPerSecond }),
    ...(resources === undefined ? {} : { resources: resources as JsonObject }),
    ...(capabilities === undefined ? {} : { capabilities: capabilities as JsonObject }),
    ...(installedModels === undefined ? {} : { installed_models: installedModels.map((model) => ({ ...model })) }),
  };
}

import type { StateMachineBlueprint } from "avtomatika/internal/core/blueprint";
import { defineBlueprint } from "avtomatika/internal/core/blueprint";
import { jobResult } from "avtomatika/internal/core/end-job";
import type { Waiting } from "avtomatika/internal/core/job";
import type { Json, JsonObject } from "avtomatika/internal/core/json";
import type { Logger } from "avtomatika/internal/core/logger";
import { defaultSettings, type Settings } from "avtomatika/internal/core/settings";
import { hasEnded, type JobStatus } from "avtomatika/internal/core/status";
import { Engine } from "avtomatika/internal/engine/engine";
import { defaultEngineOptions, type EngineOptions } from "avtomatika/internal/engine/engine-options";
import type { Caller, Creation, CreationResult } from "avtomatika/internal/engine/orchestrator";
import { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import type { JobDetails, Storage } from "avtomatika/internal/storage/storage";
import { expect, onTestFinished } from "vitest";
import { Process, simulatedWorld } from "../simulate/process.ts";
import { Random } from "../simulate/random.ts";
import { VirtualTime } from "../simulate/virtual-time.ts";
import { type CallFate, gatedStore } from "./gated-store.ts";
import { ScriptedWorker, type WorkerScript } from "./scripted-worker.ts";
import { watchStore } from "./watch-store.ts";

export const start = Date.UTC(2030, 0, 1);
export const client: Caller = { clientId: "client", admin: false };

/** What a blueprint gets from the engine process it runs in: time that stops when the process dies. */
export interface Surroundings {
  engine: string;
  sleep: (ms: number) => Promise<void>;
}

export interface SceneOptions {
  /** Called for every engine that starts, as every process has its own. */
  blueprints: (around: Surroundings) => StateMachineBlueprint[];
  settings?: Partial<Settings>;
  options?: Partial<EngineOptions>;
  shards?: number;
  /** A store beside the memory store. */
  storage?: (clock: () => number) => Storage;
  /** Told of every call of an engine before it is made. */
  onCall?: (engine: Host, method: string, input: unknown) => CallFate;
  /** Hold the store against the guarantees after every call; costs time per job. On by default. */
  watch?: boolean;
}

/** One engine in its process. */
export interface Host {
  name: string;
  process: Process;
  engine: Engine;
  /** Told when the process dies. */
  onDeath: Set<() => void>;
}

/** What tests look at: a job as its client sees it. */
export interface View {
  status: JobStatus;
  state: string;
  result: Json;
  error: string | null;
  data: JsonObject;
  waiting: Waiting | null;
  details: JobDetails;
}

/** One world in virtual time: a store, engines over it, workers, a client. */
export class Scene {
  readonly time = new VirtualTime(start);
  readonly store: Storage;
  readonly hosts: Host[] = [];
  /** What went wrong without anybody being told. */
  readonly faults: string[] = [];
  readonly warnings: string[] = [];
  readonly #options: SceneOptions;
  readonly #random = new Random(4711);
  readonly #look: () => void;
  #away = false;
  #keys = 0;

  constructor(options: SceneOptions) {
    this.#options = options;
    const clock = (): number => Math.floor(this.time.now());
    const memory = new MemoryStorage({ clock, shards: options.shards ?? 1 });
    this.store = options.storage?.(clock) ?? memory;
    const isWatched = options.storage === undefined && options.watch !== false;
    this.#look = isWatched ? watchStore(memory, (text) => this.faults.push(text)) : () => {};
  }

  /** Starts an engine; resolves once it works. */
  async engine(name = "e", changes: Partial<EngineOptions> = {}): Promise<Host> {
    const host = this.boot(name, changes);
    await this.until(() => host.engine.snapshot().callsUnderWay === 0, 5000);
    return host;
  }

  /** Starts an engine and waits for nothing. */
  boot(name = "e", changes: Partial<EngineOptions> = {}): Host {
    const { time } = this;
    const process = new Process(time);
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void process.after(ms, resolve));
    const host = { name, process, onDeath: new Set<() => void>() } as Host;
    const settings = { ...defaultSettings, ...this.#options.settings };
    host.engine = new Engine({
      storage: gatedStore(this.store, process, (method, input) => this.#beforeCall(host, method, input), {
        kill: () => this.kill(host),
        applied: () => this.#look(),
      }),
      settings,
      blueprints: this.#options.blueprints({ engine: name, sleep }).map(defineBlueprint),
      logger: this.#logger(),
      world: simulatedWorld(process, time, this.#random.fork()),
      options: { ...defaultEngineOptions, instanceId: name, ...this.#options.options, ...changes },
    });
    this.hosts.push(host);
    host.engine.start().catch((error: unknown) => this.faults.push(`start: ${String(error)}`));
    return host;
  }

  kill(host: Host): void {
    host.process.kill();
    this.hosts.splice(this.hosts.indexOf(host), 1);
    for (const tell of [...host.onDeath]) tell();
  }
  /** From here on every call to the store fails, until it is back. */
  storeAway(isAway: boolean): void {
    this.#away = isAway;
  }

  worker(id: string, record: JsonObject, script: WorkerScript): ScriptedWorker {
    return new ScriptedWorker(id, record, script, this);
  }

  /** A request to the first living engine; rejects when that dies before it has answered. */
  request<T>(call: (engine: Engine) => Promise<T>, host: Host | undefined = this.hosts[0]): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (): void => void this.time.after(10, () => reject(new Error("the connection broke")));
      if (host === undefined) return fail();
      host.onDeath.add(fail);
      this.time.after(1, () =>
        host.process.enter(() => {
          call(host.engine)
            .then(resolve, reject)
            .finally(() => host.onDeath.delete(fail));
        }),
      );
    });
  }
  /** A request, with the time it takes. */
  ask<T>(call: (engine: Engine) => Promise<T>, host?: Host): Promise<T> {
    return this.within(120_000, this.request(call, host));
  }

  async create(blueprint: string, initialData: JsonObject = {}, changes: Partial<Creation> = {}): Promise<string> {
    const [created] = await this.ask((engine) => engine.createJobs([this.creation(blueprint, initialData, changes)]));
    return idOf(created as CreationResult);
  }
  creation(blueprint: string, initialData: JsonObject = {}, changes: Partial<Creation> = {}): Creation {
    return {
      blueprint,
      initialData,
      client: { id: client.clientId, plan: null, params: {}, monthlyAttempts: null },
      idempotency: { key: `key-${this.#keys++}`, fingerprint: "f" },
      priority: 0,
      dispatchTimeoutMs: null,
      resultTimeoutMs: null,
      metadata: null,
      trace: {},
      watched: true,
      ...changes,
    };
  }

  /** The job, straight from the store. */
  async job(jobId: string): Promise<View> {
    const { found } = await this.store.getJob({ jobId });
    if (found === null) throw new Error(`there is no job ${jobId}`);
    const { job, data } = found;
    return {
      status: job.status,
      state: job.state,
      result: jobResult(job.status, job.head, data),
      error: job.head.errorMessage,
      data,
      waiting: job.wait === null ? null : job.head.waiting,
      details: found,
    };
  }
  /** The job, once it has ended. */
  async ended(jobId: string, withinMs = 600_000): Promise<View> {
    return this.reaches(jobId, (view) => hasEnded(view.status), withinMs);
  }
  /** The job, once a fact holds for it; time goes on a second at most beyond that. */
  async reaches(jobId: string, fact: (view: View) => boolean, withinMs = 600_000): Promise<View> {
    const until = this.time.now() + withinMs;
    for (let step = 10; ; step = Math.min(step * 1.5, 1000)) {
      const view = await this.job(jobId);
      if (fact(view)) return view;
      if (this.time.now() >= until) throw new Error(`job ${jobId} is still ${view.status} in state ${view.state}`);
      await this.advance(step);
    }
  }
  async summary(jobId: string): Promise<string> {
    return (await this.ask((engine) => engine.explain(client, jobId)))?.summary ?? "";
  }

  /** Lets time pass. */
  advance(ms: number): Promise<void> {
    return this.time.run(
      this.time.now() + ms,
      () => false,
      () => {},
    );
  }
  /** Lets time pass until a fact holds. */
  async until(fact: () => boolean, withinMs = 600_000): Promise<void> {
    await this.time.run(this.time.now() + withinMs, fact, () => {});
    if (!fact()) throw new Error(`it did not come true within ${withinMs} ms: ${fact.toString()}`);
  }
  /** Lets time pass until a promise is settled. */
  async within<T>(ms: number, promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await new Promise((resolve) => setImmediate(resolve));
    await this.time.run(
      this.time.now() + ms,
      () => isSettled,
      () => {},
    );
    if (!isSettled) throw new Error(`nothing was answered within ${ms} ms`);
    return promise;
  }
  /** Milliseconds since the scene began. */
  get elapsed(): number {
    return this.time.now() - start;
  }

  #beforeCall(host: Host, method: string, input: unknown): CallFate {
    return this.#away ? "away" : (this.#options.onCall?.(host, method, input) ?? "pass");
  }

  #logger(): Logger {
    const none = (): void => {};
    const error = (fields: unknown, message?: string): void => {
      const { err } = fields as { err?: Error & { code?: string } };
      if (err?.code !== "store_unavailable")
        this.faults.push(`${message ?? ""} ${err?.stack ?? JSON.stringify(fields)}`);
    };
    const warn = (fields: unknown, message?: string): void => void this.warnings.push(message ?? String(fields));
    const logger: Logger = { trace: none, debug: none, info: none, warn, error, fatal: error, child: () => logger };
    return logger;
  }
}

/** A scene for one test: at its end nothing may have gone wrong unseen. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const scene = new Scene(options);
  await scene.store.open();
  onTestFinished(async () => {
    await scene.store.close();
    expect(scene.faults).toEqual([]);
  });
  return scene;
}

function idOf(created: CreationResult): string {
  if ("jobId" in created) return created.jobId;
  throw new Error(`the creation was refused: ${JSON.stringify(created)}`);
}

import type { Config } from "#config/config";
import { settingsOf } from "#config/settings-of";
import type { BlueprintDefinition } from "#core/definition";
import { AvtomatikaError } from "#core/errors";
import type { Logger } from "#core/logger";
import type { StepCommit } from "#core/step-commit";
import { Engine } from "#engine/engine";
import { defaultEngineOptions } from "#engine/engine-options";
import { MemoryStorage } from "#storage/memory/memory-storage";
import type { Committed, Reply } from "#storage/storage";
import { Histories } from "#testing/history";
import { ConnectionError, type Host, Network } from "#testing/network";
import { Process, simulatedWorld } from "#testing/process";
import { Random } from "#testing/random";
import { type FaultCounter, type FaultRates, type StoreSwitch, simulatedStore } from "#testing/simulated-store";
import { type TaskFunction, TestWorker, type WorkerOptions } from "#testing/test-worker";
import { UserCode } from "#testing/user-code";
import { VirtualTime } from "#testing/virtual-time";
import { watchDefinition } from "#testing/watch-definition";

export interface StageOptions {
  blueprints: readonly BlueprintDefinition[];
  config: Config;
  seed: number;
  /** When virtual time begins, in milliseconds since the epoch. */
  startAt: number;
  patienceMs: number;
  rates: FaultRates;
  /** 1: calls and messages take their time; 0: none. */
  pace: 0 | 1;
  faults: FaultCounter;
  /** Told of every store call that was applied. */
  afterCall?: (() => void) | undefined;
  /** Told of every run of a handler, before it begins. */
  onRun?: ((jobId: string) => void) | undefined;
  /** Told after it, before the engine gets its outcome. */
  afterRun?: (() => void) | undefined;
}

/** The longest that a request may be under way, in virtual time. */
const requestLimitMs = 600_000;

/** One world in virtual time: a store, an engine over it, workers, and a client. */
export class Stage {
  readonly options: StageOptions;
  readonly time: VirtualTime;
  readonly store: MemoryStorage;
  readonly network: Network;
  readonly state: StoreSwitch;
  readonly code: UserCode;
  readonly histories = new Histories();
  readonly workers = new Map<string, TestWorker>();
  /** Who creates jobs and asks for them. */
  readonly client: Process;
  host: Host;
  /** The engine's instance: the leases of a dead one don't begin with it. */
  instance = "";
  readonly #random: Random;
  readonly #logger: Logger;
  #fault: unknown = null;
  #boots = 0;
  #workers = 0;

  constructor(options: StageOptions) {
    this.options = options;
    this.#random = new Random(options.seed * 2654435761 + 17);
    this.code = new UserCode(options.patienceMs);
    this.time = new VirtualTime(options.startAt, () => this.settle());
    this.store = new MemoryStorage({ clock: () => Math.floor(this.time.now()) });
    this.state = { away: false, inFlight: 0, rates: options.rates, pace: options.pace };
    this.network = new Network(this.time, this.#random.fork(), this.state, options.faults, () => [this.host]);
    this.client = new Process(this.time);
    this.#logger = logger((error) => {
      this.#fault ??= error;
    });
    this.host = this.boot();
  }

  /** Starts an engine; it works a few events later. */
  boot(): Host {
    const { options, time, store, state } = this;
    const { config } = options;
    const process = new Process(time);
    this.instance = `e${++this.#boots}-`;
    const look = (method: string, input: unknown, reply: unknown): void => this.#look(method, input, reply);
    const engine = new Engine({
      storage: simulatedStore(store, process, time, this.#random.fork(), state, options.faults, look),
      settings: settingsOf(config),
      blueprints: options.blueprints.map((definition) => this.#watch(definition, process)),
      logger: this.#logger,
      world: simulatedWorld(process, time, this.#random.fork()),
      options: {
        ...defaultEngineOptions,
        instanceId: `e${this.#boots}`,
        maxConcurrentJobs: config.executorMaxConcurrentJobs,
        dispatchHoldMs: config.dispatchHoldMs,
        idempotencyTtlMs: config.idempotencyKeyTtlSeconds * 1000,
        maxAggregationBytes: config.aggregationResultsLimitBytes,
      },
    });
    this.host = { process, engine, onDeath: new Set() };
    engine.start().catch((error: unknown) => {
      this.#fault ??= error;
    });
    return this.host;
  }

  /** The engine dies: what it has not stored is lost. */
  kill(): void {
    const { process, onDeath } = this.host;
    process.kill();
    for (const tell of [...onDeath]) tell();
  }

  /** A worker for a type of task; if there is one that lives, it works like this from now on. */
  worker(type: string, perform: TaskFunction, options: WorkerOptions, losesTasks: () => boolean): TestWorker {
    const former = this.workers.get(type);
    if (former?.process.alive === true) {
      former.become(perform, options);
      return former;
    }
    const { network, time, code } = this;
    const world = { network, time, code, logger: this.#logger.child({}), losesTasks };
    const worker = new TestWorker(`w${++this.#workers}-${type}`, type, perform, options, world);
    this.workers.set(type, worker);
    return worker;
  }

  /** Lets promises settle and the user's functions do what they do in real time. */
  settle(): Promise<void> {
    return this.code.settle(() => !this.host.process.alive || this.host.engine.snapshot().callsUnderWay > 0);
  }

  /** Throws what went wrong in the engine without anybody being told. */
  check(): void {
    if (this.#fault !== null) throw new Error("the engine had an unexpected error", { cause: this.#fault });
  }

  /** A request to the engine, with the time it takes; once more if the engine dies meanwhile (`repeated`). */
  async ask<T>(call: (engine: Engine, repeated: boolean) => Promise<T>): Promise<T> {
    const until = this.time.now() + requestLimitMs;
    for (let repeated = false; ; repeated = true) {
      try {
        return await this.#drive(
          this.network.request(this.client, (engine) => call(engine, repeated)),
          until,
        );
      } catch (error) {
        const isAway = error instanceof AvtomatikaError && error.code === "store_unavailable";
        if (!(error instanceof ConnectionError || isAway)) throw error;
      }
    }
  }

  async #drive<T>(request: Promise<T>, until: number): Promise<T> {
    let isOpen = true;
    const close = (): void => {
      isOpen = false;
    };
    request.then(close, close);
    await this.settle();
    while (isOpen && this.time.now() <= until) await this.time.step();
    this.check();
    if (isOpen) throw new AvtomatikaError("internal_error", "the engine didn't answer within ten minutes");
    return request;
  }

  #watch(definition: BlueprintDefinition, process: Process): BlueprintDefinition {
    return watchDefinition(definition, (context, run) => {
      if (context !== null) {
        this.histories.ran(context.jobId, context.currentState, process);
        this.options.onRun?.(context.jobId);
      }
      const result = this.code.run(process, context?.jobId ?? "", run);
      const { afterRun } = this.options;
      if (afterRun === undefined || context === null) return result;
      if (result instanceof Promise) return result.finally(afterRun);
      afterRun();
      return result;
    });
  }

  #look(method: string, input: unknown, reply: unknown): void {
    if (method === "commitStep") {
      const { outcome, now } = reply as Reply<Committed>;
      if (outcome === "committed") this.histories.committed((input as { commit: StepCommit }).commit, now);
    }
    this.options.afterCall?.();
  }
}

/** Takes the engine's errors; what handlers log with it goes nowhere. */
function logger(onError: (error: unknown) => void): Logger {
  const none = (): void => {};
  const silent: Logger = {
    ...{ trace: none, debug: none, info: none, warn: none, error: none, fatal: none },
    child: () => silent,
  };
  const error = (fields: unknown, message?: string): void => {
    const { err } = fields as { err?: Error & { code?: string } };
    // A request that was given up in an outage is no fault of the engine's.
    if (err?.code !== "store_unavailable") onError(err ?? message ?? fields);
  };
  return { ...silent, error, fatal: error };
}

import type { FastifyInstance } from "fastify";
import { checkTokens } from "#config/check-tokens";
import type { Config } from "#config/config";
import { checkConfig, loadConfig } from "#config/load-config";
import { misspelledVariables } from "#config/misspelled-variables";
import { settingsOf } from "#config/settings-of";
import { unreadVariables } from "#config/unread-variables";
import { variableNames } from "#config/variables";
import type { StateMachineBlueprint } from "#core/blueprint";
import type { BlueprintDefinition } from "#core/definition";
import { describe, quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Logger } from "#core/logger";
import { refuseUnknown } from "#core/refuse-unknown";
import { Engine } from "#engine/engine";
import { defaultEngineOptions } from "#engine/engine-options";
import { Access } from "#server/access/access";
import { endAccess } from "#server/access/end-access";
import { addressOf } from "#server/address-of";
import { App } from "#server/app";
import { type CreateJobOptions, createJob } from "#server/create-job";
import { createLogger } from "#server/logger";
import { refuseCollisions } from "#server/paths";
import { rateLimitsOf } from "#server/rate-limits";
import { reloadOnHangup } from "#server/reload-on-hangup";
import { storeOf } from "#server/store-of";
import { untilSignal } from "#server/until-signal";
import type { Storage } from "#storage/storage";

export interface OrchestratorEngineOptions {
  /** Without it the configuration decides; by default the file `.avtomatika/engine.db`. */
  storage?: Storage | undefined;
  /** `loadConfig()` by default. It may be changed until the start. */
  config?: Config | undefined;
}

/** A `StateMachineBlueprint` of any type arguments. */
export type AnyBlueprint = Pick<StateMachineBlueprint, "name" | "define" | "validate" | "renderGraph">;

/** What runs between start and stop. */
interface Running {
  engine: Engine;
  storage: Storage;
  logger: Logger;
  access: Access;
}

/** An engine with its HTTP server. It starts once and stops once. */
export class OrchestratorEngine {
  /** The configuration; changes count until the start. */
  readonly config: Config;
  readonly #app = new App();
  readonly #storage: Storage | undefined;
  readonly #blueprints = new Map<string, { blueprint: AnyBlueprint; definition: BlueprintDefinition }>();
  #warnings: string[] = [];
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #running: Running | undefined;

  /** Throws AvtomatikaError `invalid_argument` for an unknown option. */
  constructor(options: OrchestratorEngineOptions = {}) {
    refuseUnknown("OrchestratorEngine", options, ["storage", "config"]);
    const { storage, config = loadConfig() } = options;
    this.#storage = storage;
    this.config = config;
  }

  /** The Fastify instance. Routes that are added before the start are not authenticated by the engine. */
  get app(): FastifyInstance {
    return this.#app.fastify;
  }

  /** The URL it listens at. Throws before the start. */
  get address(): string {
    const bound = this.app.server.address();
    if (bound === null || typeof bound === "string") throw state("the engine doesn't listen: start it first");
    return addressOf(bound);
  }

  /**
   * Takes a blueprint in, before the start.
   * @throws AvtomatikaError `invalid_blueprint` with all its problems; also if its name or endpoint is taken
   */
  registerBlueprint(blueprint: AnyBlueprint): void {
    if (this.#starting !== undefined) throw state("blueprints are registered before the start");
    if (typeof (blueprint as Partial<AnyBlueprint> | null)?.define !== "function") {
      throw new AvtomatikaError(
        "invalid_argument",
        `registerBlueprint takes a StateMachineBlueprint, got ${describe(blueprint)}`,
      );
    }
    const definition = blueprint.define();
    if (this.#blueprints.has(definition.name)) {
      throw new AvtomatikaError("invalid_blueprint", `there is a blueprint ${quote(definition.name)} already`);
    }
    refuseCollisions([...this.#definitions(), definition]);
    const { warnings } = blueprint.validate();
    this.#warnings.push(...warnings.map((warning) => `blueprint ${quote(definition.name)}: ${warning}`));
    this.#blueprints.set(definition.name, { blueprint, definition });
  }

  /** Opens the store, recovers what a former engine left, and listens. If it fails, nothing is left open. */
  async start(): Promise<void> {
    if (this.#stopping !== undefined) throw state("an engine starts once: make a new one");
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Stops in good order: takes no more work, lets running handlers end (30 s), answers held requests, closes the
   * listener and the store. Before the start, and a second time, it does nothing.
   */
  async stop(): Promise<void> {
    if (this.#starting === undefined) return;
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /**
   * For scripts: starts, and stops on SIGINT or SIGTERM; resolves after the stop. A second signal ends the process.
   * Where there are files of clients or workers, SIGHUP is `reload()`.
   */
  async run(): Promise<void> {
    const signal = untilSignal();
    const stopHearing = reloadOnHangup(this);
    await this.start();
    await signal;
    await this.stop();
    stopHearing();
  }

  /**
   * Reads `clients.toml` and `workers.toml` again, those that are configured. It never throws: what is wrong with a
   * file is logged, and what was read before stays. Before the start and after the stop it does nothing.
   */
  reload(): void {
    this.#running?.access.reloadAll();
  }

  /**
   * Creates a job without HTTP; answers its id.
   * @throws AvtomatikaError `invalid_argument`, `idempotency_conflict`; `engine_state` before the start
   */
  async createJob(blueprintName: string, initialData: object = {}, options: CreateJobOptions = {}): Promise<string> {
    if (this.#running === undefined) throw state("jobs are created between start and stop");
    const { engine, access } = this.#running;
    return createJob(engine, blueprintName, initialData, options, access.clients);
  }

  async #start(): Promise<void> {
    const undo: (() => Promise<unknown>)[] = [];
    // The engine's own timers keep no process alive, and before it listens there may be nothing else.
    const alive = setInterval(() => {}, 60_000);
    try {
      await this.#open(undo);
    } catch (error) {
      for (const step of undo.reverse()) await step().catch(() => {});
      throw error;
    } finally {
      clearInterval(alive);
    }
  }

  /** Whatever was opened is told to `undo`. */
  async #open(undo: (() => Promise<unknown>)[]): Promise<void> {
    undo.push(() => this.app.close());
    const config = checkConfig(this.config);
    const logger = createLogger(config);
    // Before the tokens are refused: a misspelled variable may be why.
    for (const warning of misspelledVariables(variableNames, process.env)) logger.warn(warning);
    const access = new Access(config, logger);
    const warnings = [...checkTokens(config, access.defaultTokens()), ...unreadVariables(), ...this.#warnings];
    for (const warning of warnings) logger.warn(warning);
    const storage = this.#storage ?? (await storeOf(config, (warning) => logger.warn(warning)));
    const engine = new Engine({
      storage,
      settings: settingsOf(config),
      blueprints: this.#definitions(),
      logger,
      options: {
        ...defaultEngineOptions,
        instanceId: config.instanceId,
        maxConcurrentJobs: config.executorMaxConcurrentJobs,
        watcherIntervalMs: config.watcherIntervalSeconds * 1000,
        dispatchHoldMs: config.dispatchHoldMs,
        maxParkedPolls: config.workerMaxParkedPolls,
        idempotencyTtlMs: config.idempotencyKeyTtlSeconds * 1000,
        maxAggregationBytes: config.aggregationResultsLimitBytes,
        timeZone: config.tz,
        rateLimits: rateLimitsOf(config),
      },
    });
    access.onWorkers = (change) => endAccess(engine, change, logger);
    this.#app.serve({
      orchestrator: engine,
      limiter: engine.limiter,
      access,
      config,
      logger,
      drawGraph: (name, format) => this.#drawGraph(name, format),
    });
    await this.app.ready();
    await storage.open();
    undo.push(() => storage.close());
    await engine.start();
    undo.push(() => engine.stop());
    await this.app.listen({ host: config.apiHost, port: config.apiPort });
    access.watch();
    this.#running = { engine, storage, logger, access };
    logger.info(
      { url: this.address, store: storage.name, blueprints: [...this.#blueprints.keys()] },
      "the engine listens",
    );
  }

  async #stop(): Promise<void> {
    // A start that failed has cleaned up.
    await this.#starting?.catch(() => {});
    const running = this.#running;
    if (running === undefined) return;
    const { engine, storage, logger, access } = running;
    access.close();
    logger.info("the engine is stopping: running handlers may end");
    await engine.drain();
    await this.app.close();
    this.#running = undefined;
    await engine.stop();
    await storage.close();
    logger.info("the engine has stopped");
  }

  #definitions(): BlueprintDefinition[] {
    return [...this.#blueprints.values()].map(({ definition }) => definition);
  }

  async #drawGraph(name: string, format: "dot" | "svg"): Promise<string> {
    const found = this.#blueprints.get(name);
    if (found === undefined) throw new AvtomatikaError("not_found", `there is no blueprint ${describe(name)}`);
    return found.blueprint.renderGraph({ format });
  }
}

function state(message: string): AvtomatikaError {
  return new AvtomatikaError("engine_state", message);
}

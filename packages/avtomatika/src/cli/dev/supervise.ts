import type { DevOptions } from "#cli/dev/dev-config";
import { EngineProcess } from "#cli/dev/engine-process";
import { FileWatch } from "#cli/dev/file-watch";
import type { Config } from "#config/config";
import type { Logger } from "#core/logger";
import { createLogger } from "#server/logger";
import { untilSignal } from "#server/until-signal";

/**
 * Keeps the latest good version of the modules running, until a signal. A new version is loaded beside the running one,
 * which stops only when that went well: so what serves is what was tried.
 */
export async function supervise(
  paths: readonly string[],
  options: DevOptions,
  config: Config,
  losesJobs: boolean,
): Promise<void> {
  const supervisor = new Supervisor(paths, { port: config.apiPort, storage: options.storage }, createLogger(config));
  if (losesJobs) supervisor.logger.warn("the store is memory: jobs are lost whenever a module changes");
  await supervisor.run();
}

class Supervisor {
  readonly logger: Logger;
  readonly #paths: readonly string[];
  readonly #storage: string | undefined;
  readonly #watch: FileWatch;
  readonly #stopped = untilSignal().then(() => "stop" as const);
  #port: number;
  #hasServed = false;
  #running: EngineProcess | undefined;

  constructor(
    paths: readonly string[],
    { port, storage }: { port: number; storage: string | undefined },
    logger: Logger,
  ) {
    this.#paths = paths;
    this.#port = port;
    this.#storage = storage;
    this.logger = logger;
    this.#watch = new FileWatch(paths);
  }

  async run(): Promise<void> {
    try {
      while ((await this.#takeVersion()) !== "stop" && (await this.#waitForChange()) !== "stop") {
        this.logger.info("the modules have changed: loading them");
      }
    } finally {
      this.#watch.close();
      await this.#running?.stop();
    }
  }

  /** Loads what is there; if it is good it takes the place of the running version. */
  async #takeVersion(): Promise<"stop" | undefined> {
    this.#watch.mark();
    const next = new EngineProcess(this.#args());
    const came = await Promise.race([next.loaded, this.#watch.changed().then(() => "changed" as const), this.#stopped]);
    this.#watch.follow(next.files);
    if (came === true) return this.#replaceBy(next);
    await next.kill();
    if (came === "stop") return "stop";
    if (came === false) {
      const rest = this.#running === undefined ? "waiting for a change" : "the last good version goes on";
      this.logger.error(`the modules can't be loaded: ${rest}`);
    }
    return undefined;
  }

  /** The store and the port have to be free before the next one can have them. */
  async #replaceBy(next: EngineProcess): Promise<"stop" | undefined> {
    await this.#running?.stop();
    this.#running = next;
    const listens = await Promise.race([next.serve(), this.#stopped]);
    if (listens === "stop") return "stop";
    if (listens === undefined) return this.#giveUp();
    if (!this.#hasServed) process.stdout.write(`${listens.url}\n`);
    else this.logger.info({ url: listens.url }, "the new version serves");
    this.#hasServed = true;
    // A free one that was found is kept.
    this.#port = listens.port;
    return undefined;
  }

  /** A taken port, a store in use: at the first start no change of a module will mend it. */
  #giveUp(): "stop" | undefined {
    this.#running = undefined;
    if (this.#hasServed) {
      this.logger.error("the new version doesn't start: waiting for a change");
      return undefined;
    }
    process.exitCode = 1;
    return "stop";
  }

  async #waitForChange(): Promise<"stop" | "changed"> {
    const running = this.#running;
    const next = Promise.race([this.#watch.changed().then(() => "changed" as const), this.#stopped]);
    const came = await (running === undefined ? next : Promise.race([next, running.ended.then((how) => ({ how }))]));
    if (typeof came === "string") return came;
    this.#running = undefined;
    this.logger.error(`the engine has ended by itself (${came.how}): it starts again when a module changes`);
    return next;
  }

  #args(): string[] {
    const storage = this.#storage === undefined ? [] : ["--storage", this.#storage];
    return ["--port", String(this.#port), ...storage, "--", ...this.#paths];
  }
}

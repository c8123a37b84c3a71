import { readOptions } from "#options/read-options";
import type { Settings } from "#options/settings";
import type { WorkerOptions } from "#options/worker-options";
import type { AnyParams, TaskHandler, TaskOptions } from "#task/task-handler";
import { TaskRegistry } from "#task/task-registry";
import { Session } from "#worker/session";
import { untilSignal } from "#worker/until-signal";

/**
 * Takes tasks from an orchestrator, runs their handlers and reports the results.
 *
 * Throws a `TypeError` for unknown options, values of a wrong kind, and a missing token.
 */
export class Worker {
  readonly #settings: Settings;
  readonly #registry = new TaskRegistry();
  #session: Session | null = null;
  #started: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  readonly #end = Promise.withResolvers<void>();

  constructor(options: WorkerOptions = {}) {
    this.#settings = readOptions(options);
  }

  /** The id that it registers with. */
  get workerId(): string {
    return this.#settings.workerId;
  }

  /**
   * Says how tasks of a type are done; returns the worker, so that calls chain. With `schema` the params are validated,
   * and are of its output's type. Throws a `TypeError` for a name twice, a bad name or option, and after `start()`.
   */
  task<Params = AnyParams>(name: string, handler: TaskHandler<Params>): this;
  task<Params = AnyParams>(name: string, options: TaskOptions<Params>, handler: TaskHandler<Params>): this;
  task<Params>(name: string, options: TaskOptions<Params> | TaskHandler<Params>, handler?: TaskHandler<Params>): this {
    if (this.#session !== null) throw new TypeError(`task "${name}": tasks are added before start()`);
    if (typeof options === "function") this.#registry.add(name, {}, options);
    else this.#registry.add(name, options, handler);
    return this;
  }

  /**
   * Registers and begins to take tasks. Resolves with the first registration and tries again, for ever, while the engine
   * is away. Rejects if the engine refuses the worker (`401`, `403`, a record that it can't use), without a task, after
   * `stop()`, and when it is stopped before the engine was reached.
   */
  start(): Promise<void> {
    this.#started ??= this.#begin();
    return this.#started;
  }

  async #begin(): Promise<void> {
    if (this.#stopped !== null) throw new Error("the worker has stopped; a new one can be made");
    if (this.#registry.size === 0) throw new TypeError("a worker without a task has nothing to do: call task() first");
    const { logger, warnings } = this.#settings;
    for (const warning of warnings) logger.warn(warning);
    this.#session = new Session(this.#settings, this.#registry);
    try {
      await this.#session.start();
    } catch (error) {
      // It may be tried again.
      this.#started = null;
      this.#session = null;
      throw error;
    }
  }

  /**
   * Takes no further tasks, lets those that run end within `drainTimeoutMs`, then aborts their signals; delivers the
   * results and says that the worker is offline. Never rejects; before `start()` it does nothing.
   */
  stop(): Promise<void> {
    if (this.#stopped === null && this.#session !== null) {
      this.#stopped = this.#session.stop().then(() => {
        this.#started = null;
        this.#end.resolve();
      });
    }
    return this.#stopped ?? Promise.resolve();
  }

  /** `start()`, then `stop()` on SIGTERM or SIGINT; resolves when it has stopped, whoever did it. A second signal ends the process. */
  async run(): Promise<void> {
    const signalled = untilSignal();
    try {
      await Promise.race([this.start(), signalled.promise]);
      await Promise.race([signalled.promise, this.#end.promise]);
    } catch (error) {
      // Stopped by somebody before the engine was reached: that is no failure of a run.
      if (this.#stopped === null) throw error;
    } finally {
      await this.stop();
      signalled.dispose();
    }
  }
}

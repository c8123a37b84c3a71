// Every process of a run is started here, so that none is left.
import { join } from "node:path";
import { leftovers, mark } from "./leftovers.ts";
import { endOf, type Program, type Started, start } from "./process.ts";

export class Processes {
  readonly #run: string;
  readonly #logs: string;
  readonly #started: Started[] = [];
  #isOver = false;

  /** `run` names this run among others; the logs go into the folder `logs`. */
  constructor(run: string, logs: string) {
    this.#run = run;
    this.#logs = logs;
  }

  /** Runs a module with this Node. */
  start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
    const path = process.execPath;
    return this.run(name, { path, args: ["--disable-warning=ExperimentalWarning", ...args] }, env);
  }

  /** Runs any program. */
  run(name: string, program: Program, env: NodeJS.ProcessEnv = {}): Started {
    const started = start(name, program, { ...env, [mark]: this.#run }, join(this.#logs, `${name}.log`));
    this.#started.push(started);
    return started;
  }

  /** Nothing is to be started any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  killAll(): void {
    this.#isOver = true;
    for (const { child } of this.#started) {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    }
  }

  /** The ids of those that still run. */
  left(): number[] {
    return leftovers(
      this.#run,
      this.#started.map(({ pid }) => pid),
    );
  }

  /** The ends of their logs. */
  logs(): string {
    const logs = new Map(this.#started.map(({ name, log }) => [name, log]));
    return [...logs].map(([name, log]) => `--- ${name}\n${endOf(log)}`).join("\n");
  }
}

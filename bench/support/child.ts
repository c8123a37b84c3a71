// Processes of a measurement: each is started with options, asked over its channel, and stopped by its own pid.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The ends of the channel: `ask` here is `answer` there. */
interface Question {
  id: number;
  name: string;
  input: unknown;
}

const running = new Set<Child>();

export class Child {
  readonly #process: ChildProcess;
  readonly #open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<void>;
  #count = 0;

  /** `file` is beside `bench/main.ts`. */
  constructor(file: string, execArgv: string[] = []) {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    this.#process = fork(path, [], { execArgv: ["--disable-warning=ExperimentalWarning", ...execArgv] });
    this.#process.on("message", (message) => this.#hear(message as { id: number; value?: unknown; error?: string }));
    this.#ended = new Promise((resolve) => {
      this.#process.once("exit", (code, signal) => {
        running.delete(this);
        for (const { reject } of this.#open.values()) reject(new Error(`${file} ended (${code ?? signal})`));
        resolve();
      });
    });
    running.add(this);
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  ask<T>(name: string, input: unknown = null): Promise<T> {
    const question: Question = { id: ++this.#count, name, input };
    return new Promise((resolve, reject) => {
      this.#open.set(question.id, { resolve: resolve as (value: unknown) => void, reject });
      this.#process.send(question);
    });
  }

  /** In good order; whoever isn't gone after 20 seconds is killed. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 20_000);
    await this.ask("stop").catch(() => {});
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
    clearTimeout(timer);
  }
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #hear({ id, value, error }: { id: number; value?: unknown; error?: string }): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) open?.resolve(value);
    else open?.reject(new Error(error));
  }
}

/** Ends what a failed measurement left. */
export function killAll(): void {
  for (const child of running) child.kill();
}

/** In the child: answers each question by the function of its name. */
export function answer(functions: Record<string, (input: never) => unknown>): void {
  process.on("message", (message) => {
    const { id, name, input } = message as Question;
    void (async () => {
      try {
        const value = await functions[name]?.(input as never);
        process.send?.({ id, value: value ?? null });
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  // Whoever started it is gone.
  process.on("disconnect", () => process.exit());
}

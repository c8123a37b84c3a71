import type { ReceivedTask } from "#task/received-task";
import type { TaskDefinition } from "#task/task-handler";

/** Why a task's signal was aborted. */
export type AbortCause = "cancelled" | "deadline" | "stopping";

const texts: Readonly<Record<AbortCause, [name: string, message: string]>> = {
  cancelled: ["AbortError", "the task was cancelled"],
  deadline: ["TimeoutError", "the task's deadline has passed"],
  stopping: ["AbortError", "the worker stopped before the task was done"],
};

/** Timers of Node end at 24.8 days; an engine's leases long before. */
const longestTimerMs = 2 ** 31 - 1;

/** A task from its hand-out until the engine has its result. */
export class HeldTask {
  readonly task: ReceivedTask;
  /** Undefined if this worker can't do the type. */
  readonly definition: TaskDefinition | undefined;
  phase: "queued" | "running" | "reporting" = "queued";
  /** Why it was aborted; the first cause counts, but a cancel beats every other. */
  cause: AbortCause | null = null;
  readonly #controller = new AbortController();
  /** Resolves when the handler has had its time after an abort. */
  readonly overdue: Promise<void>;
  #giveUp: () => void = () => {};
  #deadline: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(task: ReceivedTask, definition: TaskDefinition | undefined) {
    this.task = task;
    this.definition = definition;
    this.overdue = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts when the deadline passes, at once if it has. */
  watchDeadline(graceMs: number): void {
    const left = this.task.deadline.getTime() - Date.now();
    if (left > longestTimerMs) return;
    if (left <= 0) this.abort("deadline", graceMs);
    else this.#deadline = setTimeout(() => this.abort("deadline", graceMs), left);
  }

  /** The handler is asked to end, and given up after `graceMs`; an earlier end of its time stays. */
  abort(cause: AbortCause, graceMs: number): void {
    if (this.cause === null || cause === "cancelled") this.cause = cause;
    const [name, message] = texts[cause];
    this.#controller.abort(new DOMException(message, name));
    if (this.#grace === undefined || cause === "stopping") {
      clearTimeout(this.#grace);
      this.#grace = setTimeout(this.#giveUp, graceMs);
    }
  }

  /** It is over: no timer is left behind. */
  close(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#grace);
  }

  /** What its abort is called in an error. */
  get abortMessage(): string {
    return texts[this.cause ?? "stopping"][1];
  }
}

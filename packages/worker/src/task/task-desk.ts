import { type AbortCause, HeldTask } from "#task/held-task";
import type { ReceivedTask } from "#task/received-task";
import type { TaskRegistry } from "#task/task-registry";

/** The most that one poll may ask for. */
const mostPerPoll = 100;

export interface TaskDeskOptions {
  registry: TaskRegistry;
  maxConcurrentTasks: number;
  abortGraceMs: number;
  /** Runs a task; resolves with its result as JSON text and never rejects. */
  run: (held: HeldTask) => Promise<string>;
  /** A task is over: `result` is to be delivered. */
  onResult: (held: HeldTask, result: string) => void;
  /** The load changed; `typesChanged`: so did what the worker can take. */
  onChange: (typesChanged: boolean) => void;
}

/** The tasks that this process holds, from their hand-out until the engine has their results, and who may run. */
export class TaskDesk {
  readonly #options: TaskDeskOptions;
  readonly #held = new Map<string, HeldTask>();
  /** How many run of each type. */
  readonly #running = new Map<string, number>();
  #runningTotal = 0;
  #queuedTotal = 0;
  #types = "";

  constructor(options: TaskDeskOptions) {
    this.#options = options;
    this.#types = this.types().join("\n");
  }

  /** Tasks that run or wait here for others to end. */
  get load(): number {
    return this.#runningTotal + this.#queuedTotal;
  }
  /** Everything whose result the engine doesn't have yet. */
  taskIds(): string[] {
    return [...this.#held.keys()];
  }
  /** The task types that may be taken now: without those whose own limit is reached. */
  types(): string[] {
    return [...this.#options.registry.all()].map(({ name }) => name).filter((name) => this.#roomOf(name) > 0);
  }

  /** How many tasks may be asked for: so few that no type's limit can be passed whatever they are. */
  room(): number {
    const types = this.types();
    const free = types.length === 0 ? 0 : this.#options.maxConcurrentTasks - this.load;
    return Math.max(0, Math.min(mostPerPoll, free, ...types.map((type) => this.#roomOf(type))));
  }

  /** Takes tasks in; answers how many were new. One that is here already was offered once more and runs once. */
  take(tasks: readonly ReceivedTask[]): number {
    const fresh = tasks.filter((task) => !this.#held.has(task.taskId));
    for (const task of fresh) {
      const held = new HeldTask(task, this.#options.registry.get(task.type));
      this.#held.set(task.taskId, held);
      this.#queuedTotal += 1;
      held.watchDeadline(this.#options.abortGraceMs);
    }
    if (fresh.length > 0) this.#startWhatMay();
    return fresh.length;
  }

  /** The engine has its result, or will never take it. */
  delivered(taskId: string): void {
    this.#held.delete(taskId);
  }

  /** Aborts tasks by their ids; one that only waits here is over at once. */
  abort(taskIds: readonly string[], cause: AbortCause, graceMs = this.#options.abortGraceMs): void {
    for (const id of taskIds) {
      const held = this.#held.get(id);
      if (held !== undefined && held.phase !== "reporting") held.abort(cause, graceMs);
    }
    this.#startWhatMay();
  }

  /** Starts what waits, in the order of hand-out, as far as the limits allow. More was handed out than was asked for if anything waits. */
  #startWhatMay(): void {
    for (const held of this.#held.values()) {
      if (this.#queuedTotal === 0) break;
      if (held.phase === "queued" && this.#mayStart(held)) this.#start(held);
    }
    this.#tell();
  }

  /** What is aborted, or unknown here, takes no slot worth waiting for. */
  #mayStart(held: HeldTask): boolean {
    if (held.signal.aborted || held.definition === undefined) return true;
    return this.#runningTotal < this.#options.maxConcurrentTasks && this.#freeOf(held.task.type) > 0;
  }

  #start(held: HeldTask): void {
    const { type } = held.task;
    held.phase = "running";
    this.#queuedTotal -= 1;
    this.#runningTotal += 1;
    this.#running.set(type, (this.#running.get(type) ?? 0) + 1);
    void this.#options.run(held).then((result) => {
      held.close();
      held.phase = "reporting";
      this.#runningTotal -= 1;
      this.#running.set(type, (this.#running.get(type) ?? 1) - 1);
      this.#options.onResult(held, result);
      this.#startWhatMay();
    });
  }

  #tell(): void {
    const types = this.types().join("\n");
    const changed = types !== this.#types;
    this.#types = types;
    this.#options.onChange(changed);
  }

  /** Slots of a type that don't run. */
  #freeOf(type: string): number {
    return (
      (this.#options.registry.get(type)?.maxConcurrent ?? Number.POSITIVE_INFINITY) - (this.#running.get(type) ?? 0)
    );
  }

  /** Slots of a type that aren't spoken for. */
  #roomOf(type: string): number {
    const free = this.#freeOf(type);
    if (this.#queuedTotal === 0 || free === Number.POSITIVE_INFINITY) return free;
    let waiting = 0;
    for (const held of this.#held.values()) if (held.phase === "queued" && held.task.type === type) waiting += 1;
    return free - waiting;
  }
}

// What the workers' notes add up to.
import { type Note, readNotes } from "../notes.ts";

export class Runs {
  readonly #notes: readonly Note[];
  readonly #began: readonly Note[];

  constructor(file: string) {
    this.#notes = readNotes(file);
    this.#began = this.#notes.filter(({ event }) => event === "began");
  }

  /** How many tasks there were, by their type. */
  tasks(): string {
    const types = new Map(this.#began.map((run) => [taskOf(run), run.type]));
    return `${types.size} (${tell(count([...types.values()]))})`;
  }

  /** How many tasks ran how often. */
  distribution(): string {
    const perTask = count(this.#began.map(taskOf));
    return [...count([...perTask.values()])]
      .map(([times, tasks]) => `${tasks} ran ${times === 1 ? "once" : `${times} times`}`)
      .join(", ");
  }

  /** Attempts after the first, by task type. */
  retries(): Map<string, number> {
    return count(this.#began.filter(({ attempt }) => attempt > 1).map(({ type }) => type));
  }

  /** Attempts that a worker began and another one ended. */
  inherited(): number {
    const ended = count(this.#notes.filter(({ event }) => event !== "began").map(attemptOf));
    const began = count(this.#began.map(attemptOf));
    return [...ended].filter(([attempt, times]) => (began.get(attempt) ?? 0) > times).length;
  }

  /** What tasks of this type ended with beside errors. */
  statuses(type: string): Map<string, number> {
    const ended = this.#notes.filter((note) => note.type === type && !/^began$|_ERROR$/.test(note.event));
    return count(ended.map(({ event }) => event));
  }

  /** Who ran tasks of this type. */
  workersOf(type: string): Map<string, number> {
    return count(this.#began.filter((run) => run.type === type).map(({ worker }) => worker));
  }

  /** Of each worker, how many tasks of which type it ran. */
  byWorker(): [worker: string, runs: string][] {
    const workers = [...new Set(this.#began.map(({ worker }) => worker))].sort();
    return workers.map((name) => {
      const own = this.#began.filter(({ worker }) => worker === name);
      return [name, tell(count(own.map(({ type }) => type)))];
    });
  }
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0);
}

export function tell(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, times]) => `${times} ${name}`).join(", ");
}

function taskOf({ job, type, part }: Note): string {
  return `${type} ${job} ${part}`;
}

function attemptOf(run: Note): string {
  return `${taskOf(run)} ${run.attempt}`;
}

function count<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

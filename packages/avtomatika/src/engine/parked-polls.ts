import type { KnownWorker } from "#engine/known-worker";
import type { ClaimedTasks } from "#storage/storage";

export type Claimed = ClaimedTasks["tasks"];

/** A worker that asked for work and waits for it. */
export interface ParkedPoll {
  workerId: string;
  limit: number;
  since: number;
  /** What its worker can do, as far as is known: where it stands in the index. */
  types: readonly string[];
  claiming: boolean;
  /** Its time is over; it waits only for the answer to its claim. */
  late: boolean;
  /** It holds as many tasks as it may, until one of them ends. */
  full: boolean;
  /** Counts the news of its worker, so that one heard during a claim is not lost. */
  news: number;
  done: boolean;
  answer: (tasks: Claimed) => void;
  stop: () => void;
}

/** How long ago a worker may have asked for its answer to be awaited. */
const recentMs = 1000;

/** The polls that wait, one per worker, in the order they came. */
export class ParkedPolls {
  readonly #polls = new Map<string, ParkedPoll>();
  readonly #byType = new Map<string, Set<ParkedPoll>>();
  readonly #asked = new Map<string, number>();

  get size(): number {
    return this.#polls.size;
  }
  has(workerId: string): boolean {
    return this.#polls.has(workerId);
  }
  get(workerId: string): ParkedPoll | undefined {
    return this.#polls.get(workerId);
  }
  all(): Iterable<ParkedPoll> {
    return this.#polls.values();
  }

  park(poll: ParkedPoll): void {
    const former = this.#polls.get(poll.workerId);
    if (former !== undefined) this.#index(former, "delete");
    this.#polls.delete(poll.workerId);
    this.#polls.set(poll.workerId, poll);
    this.#index(poll, "add");
    this.#asked.delete(poll.workerId);
    this.#asked.set(poll.workerId, poll.since);
  }

  /** Its worker can do other things now. If not it keeps its place among those that wait. */
  reindex(poll: ParkedPoll, types: readonly string[]): void {
    if (types.length === poll.types.length && types.every((type, at) => type === poll.types[at])) return;
    this.#index(poll, "delete");
    poll.types = types;
    this.#index(poll, "add");
  }

  /** Polls whose workers can do a type, in the order they came. */
  ofType(type: string): Iterable<ParkedPoll> {
    return this.#byType.get(type) ?? [];
  }

  /** Answers a poll, once. */
  finish(poll: ParkedPoll, tasks: Claimed): void {
    if (poll.done) return;
    poll.done = true;
    if (this.#polls.get(poll.workerId) === poll) {
      this.#polls.delete(poll.workerId);
      this.#index(poll, "delete");
    }
    poll.stop();
    poll.answer(tasks);
  }

  #index(poll: ParkedPoll, change: "add" | "delete"): void {
    for (const type of poll.types) {
      const polls = this.#byType.get(type) ?? new Set();
      polls[change](poll);
      if (polls.size === 0) this.#byType.delete(type);
      else this.#byType.set(type, polls);
    }
  }

  /** Workers that asked within the last second, are not parked now and hold nothing. */
  recentlyIdle(now: number, known: (id: string) => KnownWorker | undefined): KnownWorker[] {
    const idle: KnownWorker[] = [];
    for (const [id, at] of this.#asked) {
      if (now - at > recentMs) {
        this.#asked.delete(id);
        continue;
      }
      const worker = known(id);
      if (worker !== undefined && !this.#polls.has(id) && worker.openTasks.size === 0) idle.push(worker);
    }
    return idle;
  }
}

import type { Strategy } from "#core/action";
import type { KnownWorker } from "#engine/known-worker";
import { RankedPolls } from "#engine/ranked-polls";
import type { ClaimedTasks } from "#storage/storage";

export type Claimed = ClaimedTasks["tasks"];

/** A worker that asked for work and waits for it. */
export interface ParkedPoll {
  workerId: string;
  limit: number;
  since: number;
  /** What its worker can do, as far as is known: where it stands in the index. */
  types: readonly string[];
  /** Null until something is known of it. */
  worker: KnownWorker | null;
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
  readonly #byType = new Map<string, RankedPolls>();
  /** Polls that were answered, of workers that have not asked again: since when they had been parked. */
  readonly #answered = new Map<string, number>();
  /** Their workers may rank otherwise than they stand. */
  readonly #moved = new Set<ParkedPoll>();
  #places = 0;

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
    if (former !== undefined) this.#leave(former);
    this.#polls.delete(poll.workerId);
    this.#polls.set(poll.workerId, poll);
    this.#answered.delete(poll.workerId);
  }

  /** Its worker may be able to do other things now. If not it keeps its place among those that wait. */
  reindex(poll: ParkedPoll, worker: KnownWorker): void {
    const types = [...worker.view.supportedTasks];
    const isSame = types.length === poll.types.length && types.every((type, at) => type === poll.types[at]);
    if (isSame && poll.worker === worker) return;
    this.#leave(poll);
    poll.types = types;
    poll.worker = worker;
    worker.onRank = () => this.#moved.add(poll);
    this.#places += 1;
    for (const type of types) {
      const polls = this.#byType.get(type) ?? new RankedPolls(type);
      polls.add(poll, this.#places);
      this.#byType.set(type, polls);
    }
  }

  /** Polls whose workers can do a type, those first that a strategy prefers, of equals in the order they came. */
  inOrder(type: string, strategy: Strategy): Iterable<ParkedPoll> {
    for (const poll of this.#moved) for (const one of poll.types) this.#byType.get(one)?.move(poll);
    this.#moved.clear();
    return this.#byType.get(type)?.inOrder(strategy) ?? [];
  }

  /** Answers a poll, once. */
  finish(poll: ParkedPoll, tasks: Claimed): void {
    if (poll.done) return;
    poll.done = true;
    if (this.#polls.get(poll.workerId) === poll) {
      this.#polls.delete(poll.workerId);
      this.#leave(poll);
      this.#answered.set(poll.workerId, poll.since);
    }
    poll.stop();
    poll.answer(tasks);
  }

  #leave(poll: ParkedPoll): void {
    this.#moved.delete(poll);
    if (poll.worker !== null) poll.worker.onRank = null;
    for (const type of poll.types) {
      const polls = this.#byType.get(type);
      polls?.delete(poll);
      if (polls?.size === 0) this.#byType.delete(type);
    }
  }

  /** Workers that asked within the last second, are not parked now and hold nothing. */
  recentlyIdle(now: number, known: (id: string) => KnownWorker | undefined): KnownWorker[] {
    const idle: KnownWorker[] = [];
    for (const [id, at] of this.#answered) {
      const worker = known(id);
      if (now - at > recentMs) this.#answered.delete(id);
      else if (worker !== undefined && worker.openTasks.size === 0) idle.push(worker);
    }
    return idle;
  }
}

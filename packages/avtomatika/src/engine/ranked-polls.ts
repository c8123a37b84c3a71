import type { Strategy } from "#core/action";
import { compareRanks, type Rank } from "#core/choose";
import type { ParkedPoll } from "#engine/parked-polls";
import { rankFor } from "#engine/pick-worker";

interface Entry {
  poll: ParkedPoll;
  rank: Rank;
  /** Of equals the one that came first. */
  place: number;
}

/**
 * The polls of a type, and their order under each strategy that was asked for: kept, not made, so that choosing among
 * many costs no more than among few.
 */
export class RankedPolls {
  readonly #type: string;
  readonly #places = new Map<ParkedPoll, number>();
  readonly #orders = new Map<Strategy, Order>();

  constructor(type: string) {
    this.#type = type;
  }

  get size(): number {
    return this.#places.size;
  }

  add(poll: ParkedPoll, place: number): void {
    this.#places.set(poll, place);
    for (const [strategy, order] of this.#orders) order.add(this.#entry(poll, place, strategy));
  }
  delete(poll: ParkedPoll): void {
    this.#places.delete(poll);
    for (const order of this.#orders.values()) order.delete(poll);
  }
  /** The worker of a poll may rank otherwise now. */
  move(poll: ParkedPoll): void {
    const place = this.#places.get(poll);
    if (place === undefined) return;
    for (const [strategy, order] of this.#orders) {
      order.delete(poll);
      order.add(this.#entry(poll, place, strategy));
    }
  }

  /** Best first. */
  inOrder(strategy: Strategy): Iterable<ParkedPoll> {
    const known = this.#orders.get(strategy);
    if (known !== undefined) return known.polls();
    const entries = [...this.#places].map(([poll, place]) => this.#entry(poll, place, strategy));
    const order = new Order(entries);
    this.#orders.set(strategy, order);
    return order.polls();
  }

  #entry(poll: ParkedPoll, place: number, strategy: Strategy): Entry {
    return { poll, place, rank: poll.worker === null ? [] : rankFor(strategy, this.#type, poll.worker) };
  }
}

/** Entries by rank and place. */
class Order {
  readonly #sorted: Entry[];
  readonly #entries: Map<ParkedPoll, Entry>;

  constructor(entries: Entry[]) {
    this.#sorted = entries.sort(compare);
    this.#entries = new Map(entries.map((entry) => [entry.poll, entry]));
  }

  *polls(): Generator<ParkedPoll> {
    for (const { poll } of this.#sorted) yield poll;
  }
  add(entry: Entry): void {
    this.#entries.set(entry.poll, entry);
    this.#sorted.splice(this.#indexOf(entry), 0, entry);
  }
  delete(poll: ParkedPoll): void {
    const entry = this.#entries.get(poll);
    if (entry === undefined) return;
    this.#entries.delete(poll);
    this.#sorted.splice(this.#indexOf(entry), 1);
  }

  /** Where it stands, or would stand. */
  #indexOf(entry: Entry): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#sorted[middle] as Entry, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Entry, b: Entry): number {
  return compareRanks(a.rank, b.rank) || a.place - b.place;
}

interface Event {
  at: number;
  order: number;
  action: () => void;
  cancelled: boolean;
}

/** Taken before a test may replace them by its own. */
const { setImmediate } = globalThis;

/** Simulated time: events in a heap, run one by one with all promises settled in between. */
export class VirtualTime {
  readonly #heap: Event[] = [];
  #now: number;
  #order = 0;
  readonly #settle: () => Promise<void>;
  steps = 0;

  /** `settle` is waited for after every event. */
  constructor(start: number, settle: () => Promise<void> = turn) {
    this.#now = start;
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }

  /** Runs `action` after `ms`; answers the function that prevents it. */
  after(ms: number, action: () => void): () => void {
    const event: Event = { at: this.#now + Math.max(0, ms), order: this.#order++, action, cancelled: false };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** When the next event happens; null for never. */
  next(): number | null {
    while (this.#heap[0]?.cancelled) this.#pop();
    return this.#heap[0]?.at ?? null;
  }

  /** Runs events until `done` says so, none are left, or `until` is reached. `quiet` is called before time moves on. */
  async run(until: number, done: () => boolean, quiet: () => void): Promise<void> {
    for (;;) {
      const at = this.next();
      if (done()) return;
      if (at === null || at > until) {
        this.#now = Math.max(this.#now, Math.min(until, at ?? until));
        return;
      }
      if (at > this.#now) quiet();
      await this.step();
    }
  }

  /** Runs the next event, if there is one. */
  async step(): Promise<void> {
    if (this.next() === null) return;
    const event = this.#pop();
    // After a jump it may be overdue.
    this.#now = Math.max(this.#now, event.at);
    this.steps += 1;
    event.action();
    await this.#settle();
  }

  /** Time passes and nothing happens, as if the machine slept: what fell due is overdue afterwards. */
  jump(to: number): void {
    this.#now = Math.max(this.#now, to);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    heap.push(event);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[at] = heap[parent] as Event;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): Event {
    const heap = this.#heap;
    const top = heap[0] as Event;
    const last = heap.pop() as Event;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Lets every promise that can settle do so. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import type { KnownWorker } from "#engine/known-worker";
import { isAway, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { DeskNews, EngineBell } from "#storage/bell";
import type { Storage } from "#storage/storage";

export interface OtherDesksOptions {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  engineId: string;
  worker: (id: string) => KnownWorker | undefined;
  workers: () => KnownWorker[];
  onError: (error: unknown) => void;
}

/** What the desk of this engine says and does when it is asked. */
export interface OwnDesk {
  /** Since when a worker's poll is parked here and could be answered; null if it isn't. */
  askingSince: (workerId: string) => number | null;
  asking: () => Iterable<string>;
  /** A worker asks at another engine, and has done so since then. */
  polledElsewhere: (workerId: string, since: number) => void;
  /** Another engine's workers changed: what is held back for them may go. */
  changed: () => void;
}

/** News of one moment travel together. */
const newsDelayMs = 20;
/** An engine that was not heard of for so long is gone; it says every third of it that it is there. */
export const presenceMs = 120_000;
/** More polls than this are not told: the best of so many is good enough. */
const mostTold = 1000;
const mostCounted = 50_000;

/**
 * What the desks of the engines tell each other, so that a task waits for the better worker wherever it asks. Hints: what
 * is lost or late costs a choice, or the hold-back of a moment. An engine that is alone tells nothing but that it is there.
 */
export class OtherDesks {
  readonly #options: OtherDesksOptions;
  #desk: OwnDesk | null = null;
  /** When each other engine was last heard of. */
  readonly #engines = new Map<string, number>();
  /** Workers that ask at other engines. */
  readonly #asking = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #changed = new Set<string>();
  /** Workers that others may have waited for in vain since they were told. */
  readonly #again = new Set<string>();
  /** Tasks that count for their workers' ranks, as long as they are open. */
  readonly #counted = new Set<string>();
  #news: Pick<DeskNews, "handed" | "over" | "turns"> = noNews();
  #isPlanned = false;

  constructor(options: OtherDesksOptions) {
    this.#options = options;
  }

  /** No other engine was heard of lately. */
  get isAlone(): boolean {
    return this.#engines.size === 0;
  }

  serve(desk: OwnDesk): void {
    this.#desk = desk;
  }

  /** Says that this engine is there; `isNew` at its start, when it knows nothing of the others. */
  async greet(isNew: boolean): Promise<void> {
    const now = this.#options.world.elapsed();
    for (const [engine, heardAt] of this.#engines) if (now - heardAt > presenceMs) this.#drop(engine);
    await this.#tell({ hello: isNew, asking: [], gone: [], ...noNews() });
  }

  /** Workers that ask at another engine. */
  *asking(): Generator<KnownWorker> {
    for (const id of this.#asking.keys()) {
      const worker = this.#options.worker(id);
      if (worker !== undefined) yield worker;
    }
  }
  /** They were waited for in vain. */
  forget(workers: Iterable<KnownWorker>): void {
    for (const { id } of workers) this.#asking.delete(id);
  }

  /** A poll of this engine was parked or answered, or can be answered again. */
  polled(workerId: string): void {
    if (this.#desk?.askingSince(workerId) != null) this.#asking.delete(workerId);
    if (this.isAlone) return;
    this.#changed.add(workerId);
    this.#plan();
  }
  /** A worker of this engine got something; if it asks again the others are told again. */
  gotTasks(workerId: string): void {
    if (!this.isAlone) this.#again.add(workerId);
  }
  /** Tasks of a lane whose strategy counts them went to a worker. */
  handed(workerId: string, tasks: readonly { id: string; type: string }[], at: number): void {
    if (this.isAlone) return;
    this.#told.delete(workerId);
    for (const { id, type } of tasks) {
      this.#count(id);
      this.#news.handed.push([id, workerId, type, at]);
    }
    this.#plan();
  }
  over(taskId: string, workerId: string | null): void {
    if (!this.#counted.delete(taskId) || workerId === null) return;
    this.#news.over.push([taskId, workerId]);
    this.#plan();
  }

  hear({ engine, news }: Extract<EngineBell, { kind: "desk" }>): void {
    const { engineId, world, worker: find } = this.#options;
    if (engine === engineId) return;
    const isNew = news.hello || !this.#engines.has(engine);
    this.#engines.set(engine, world.elapsed());
    for (const [id, worker, type, at] of news.handed) {
      this.#asking.delete(worker);
      this.#count(id);
      const known = find(worker);
      known?.openTasks.add(id);
      known?.hadTask(type, at);
    }
    for (const [id, worker] of news.over) {
      this.#counted.delete(id);
      find(worker)?.openTasks.delete(id);
    }
    // Whoever got a task may ask again.
    for (const [worker, since] of news.asking) this.#hearAsking(engine, worker, since);
    for (const worker of news.gone) if (this.#asking.get(worker) === engine) this.#asking.delete(worker);
    for (const [worker, type, at] of news.turns) find(worker)?.hadTask(type, at);
    if (news.gone.length + news.handed.length + news.over.length > 0) this.#desk?.changed();
    if (isNew) this.#tellAll();
  }

  #hearAsking(engine: string, worker: string, since: number): void {
    const own = this.#desk?.askingSince(worker) ?? null;
    if (own !== null && own >= since) return;
    this.#asking.set(worker, engine);
    if (own !== null) this.#desk?.polledElsewhere(worker, since);
  }

  /** Somebody knows nothing of this engine yet. */
  #tellAll(): void {
    this.#told.clear();
    for (const id of this.#desk?.asking() ?? []) this.#changed.add(id);
    for (const { id, lastTaskAt } of this.#options.workers()) {
      for (const [type, at] of lastTaskAt) this.#news.turns.push([id, type, at]);
    }
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#options.world.after(newsDelayMs, () => {
      this.#isPlanned = false;
      this.#flush().catch((error: unknown) => {
        if (!isAway(error)) this.#options.onError(error);
      });
    });
  }

  async #flush(): Promise<void> {
    const [asking, gone]: [[string, number][], string[]] = [[], []];
    for (const id of this.#changed) {
      const since = this.#desk?.askingSince(id) ?? null;
      if (since === null) {
        if (this.#told.delete(id)) gone.push(id);
      } else if (this.#told.has(id) ? this.#again.has(id) : this.#told.size < mostTold) {
        this.#told.add(id);
        asking.push([id, since]);
      }
    }
    this.#changed.clear();
    this.#again.clear();
    const news = this.#news;
    this.#news = noNews();
    const count = asking.length + gone.length + news.handed.length + news.over.length + news.turns.length;
    if (count > 0) await this.#tell({ hello: false, asking, gone, ...news });
  }

  async #tell(news: DeskNews): Promise<void> {
    const { storage, caller, engineId } = this.#options;
    await caller.call(() => storage.tell({ bell: { kind: "desk", engine: engineId, news } }), 0);
  }

  #count(taskId: string): void {
    this.#counted.add(taskId);
    if (this.#counted.size > mostCounted) this.#counted.delete(this.#counted.values().next().value as string);
  }

  #drop(engine: string): void {
    this.#engines.delete(engine);
    for (const [worker, at] of this.#asking) if (at === engine) this.#asking.delete(worker);
  }
}

function noNews(): Pick<DeskNews, "handed" | "over" | "turns"> {
  return { handed: [], over: [], turns: [] };
}

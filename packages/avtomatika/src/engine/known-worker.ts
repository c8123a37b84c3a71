import { shardOf } from "#core/job-id";
import type { JsonObject } from "#core/json";
import { match } from "#core/match";
import { reputation } from "#core/standing";
import { type Lane, parseTaskId } from "#core/task";
import { normaliseWorker, type WorkerView } from "#core/worker-view";

/** What this engine knows of a worker. */
export class KnownWorker {
  readonly id: string;
  #record: JsonObject;
  #view: WorkerView;
  readonly #eligible = new Map<string, boolean>();
  /** When it was last heard of, by the store's clock. */
  seenAt: number;
  /** The last sign that the store has. */
  storedSeenAt: number;
  /** The stored version that the record was made from; 0 for none. */
  version = 0;
  /** What heartbeats said since the record was last written; null for nothing. */
  pending: JsonObject | null = null;
  /** Tasks that it holds, as far as this engine was told. */
  readonly openTasks = new OpenTasks(() => this.onRank?.());
  readonly #lastTaskAt = new Map<string, number>();
  #reputation = reputation(0, 0);
  /** Hears that strategies may rank it otherwise now; its parked poll listens. */
  onRank: (() => void) | null = null;

  constructor(id: string, record: JsonObject, seenAt: number) {
    this.id = id;
    this.#record = record;
    this.#view = normaliseWorker(record);
    this.seenAt = seenAt;
    this.storedSeenAt = 0;
  }

  get record(): JsonObject {
    return this.#record;
  }
  get view(): WorkerView {
    return this.#view;
  }

  /** A new record: everything that was derived from the old one is void. */
  replace(record: JsonObject): void {
    this.#record = record;
    this.#view = normaliseWorker(record);
    this.#eligible.clear();
    this.onRank?.();
  }

  get reputation(): number {
    return this.#reputation;
  }
  set reputation(value: number) {
    if (value === this.#reputation) return;
    this.#reputation = value;
    this.onRank?.();
  }
  /** When it was last given a task, by type. */
  get lastTaskAt(): ReadonlyMap<string, number> {
    return this.#lastTaskAt;
  }

  /** It was given a task of a type. */
  hadTask(type: string, at: number): void {
    this.#lastTaskAt.set(type, Math.max(at, this.#lastTaskAt.get(type) ?? 0));
    this.onRank?.();
  }

  /** It holds nothing in a shard. */
  forgetOpen(shard: number, shards: number): void {
    for (const id of this.openTasks)
      if (shardOf(parseTaskId(id)?.jobId ?? "", shards) === shard) this.openTasks.delete(id);
  }

  /** Whether it may take tasks of a lane, its free slots aside. */
  mayTake(lane: Lane): boolean {
    const eligible = this.#eligible.get(lane.id) ?? match(this.#view, lane).eligible;
    this.#eligible.set(lane.id, eligible);
    return eligible;
  }
}

/** A set that tells of its changes. */
class OpenTasks extends Set<string> {
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    super();
    this.#onChange = onChange;
  }

  override add(id: string): this {
    super.add(id);
    this.#onChange();
    return this;
  }
  override delete(id: string): boolean {
    const isGone = super.delete(id);
    if (isGone) this.#onChange();
    return isGone;
  }
}

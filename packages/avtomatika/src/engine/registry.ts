import type { JsonObject } from "#core/json";
import { reputation } from "#core/standing";
import { KnownWorker } from "#engine/known-worker";
import { mergeHeartbeat } from "#engine/merge-heartbeat";
import { forever, requestPatienceMs, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Storage, WorkerRow, WorkerWrite } from "#storage/storage";

/** How long a record stays after the last sign of its worker. */
const recordLifeMs = 86_400_000;
/** Changes of one moment travel together. */
const changeDelayMs = 50;
const writesPerCall = 1000;
/** So old may a sign be that another engine writes now. */
const signDelayMs = 30_000;

export interface RegistryOptions {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  /** A worker's abilities changed: it may be able to take a task now. */
  onChange: (worker: KnownWorker) => void;
  /** A worker with a parked poll is heard of all the time. */
  isParked: (workerId: string) => boolean;
  /** A write that nobody waits for failed. */
  onError: (error: unknown) => void;
}

/** The workers, as this engine knows them: the store's records, and what came in since. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #workers = new Map<string, KnownWorker>();
  #version = 0;
  #signsReadAt = 0;
  #stopTimer: (() => void) | null = null;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  get(id: string): KnownWorker | undefined {
    return this.#workers.get(id);
  }
  all(): KnownWorker[] {
    return [...this.#workers.values()];
  }

  /** A new process of a worker: its record is new, and leases that it doesn't name are given back. */
  async register(id: string, record: JsonObject): Promise<void> {
    const { storage, caller } = this.#options;
    const worker = this.#known(id);
    worker.replace(record);
    worker.pending = null;
    this.#heardNow(worker);
    await caller.call(() => storage.putWorkers({ workers: [this.#write(worker, record)] }), requestPatienceMs);
    const named = record["current_tasks"];
    const keep = Array.isArray(named) ? named.filter((one) => typeof one === "string") : [];
    for (const taskId of await this.#release(id, keep, requestPatienceMs)) worker.openTasks.delete(taskId);
    this.#options.onChange(worker);
  }

  /** Forgets a worker, and gives back what it holds; answers the tasks. The store keeps its record until it runs out. */
  dismiss(id: string): Promise<string[]> {
    this.#workers.delete(id);
    return this.#release(id, [], forever);
  }

  /** Merges a heartbeat; an unknown id is taken in again with what it says. */
  heartbeat(id: string, changes: JsonObject | null): KnownWorker {
    const isNew = !this.#workers.has(id);
    const worker = this.#known(id);
    this.#heardNow(worker);
    const merged = mergeHeartbeat(worker.record, changes ?? {});
    if (isNew || JSON.stringify(merged) !== JSON.stringify(worker.record)) {
      worker.replace(merged);
      worker.pending = mergeHeartbeat(worker.pending ?? {}, changes ?? {});
      this.#planFlush();
      this.#options.onChange(worker);
    }
    return worker;
  }

  /** A sign of life. A worker that was never registered gets a record with its first heartbeat. */
  heard(id: string): void {
    const worker = this.#workers.get(id);
    if (worker !== undefined) this.#heardNow(worker);
  }

  /** When a worker was last heard of; null for an unknown one. */
  lastSeen(id: string): number | null {
    const worker = this.#workers.get(id);
    if (worker === undefined) return null;
    return this.#options.isParked(id) ? this.#options.caller.clock.now() : worker.seenAt;
  }

  /** Workers that were heard of within the last `ms`. */
  active(ms: number): KnownWorker[] {
    const since = this.#options.caller.clock.now() - ms;
    return this.all().filter((worker) => (this.lastSeen(worker.id) ?? 0) >= since);
  }

  /** A task of a worker is over; without its id whoever holds it. */
  taskOver(taskId: string, workerId: string | null): void {
    if (workerId !== null) this.#workers.get(workerId)?.openTasks.delete(taskId);
    else for (const worker of this.#workers.values()) worker.openTasks.delete(taskId);
  }

  /** Takes over what other engines wrote. */
  async pull(): Promise<void> {
    const { storage, caller } = this.#options;
    const { workers, version } = await caller.call(() => storage.listWorkers({ since: this.#version }), forever);
    for (const row of workers) this.#take(row);
    this.#version = Math.max(this.#version, version);
  }

  /** Takes over when other engines heard of their workers. */
  async pullSigns(): Promise<void> {
    const { storage, caller } = this.#options;
    const after = this.#signsReadAt - signDelayMs + recordLifeMs;
    const { signs, now } = await caller.call(() => storage.listSigns({ after }), forever);
    for (const { id, seenAt } of signs) {
      const worker = this.#workers.get(id);
      if (worker !== undefined) noteStored(worker, seenAt);
    }
    this.#signsReadAt = now;
  }

  /** Everything that other engines wrote: before something is held against a worker. */
  async refresh(): Promise<void> {
    await this.pull();
    await this.pullSigns();
  }

  /** Writes what is pending; nothing is planned any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer?.();
    await this.#flushChanges();
    await this.flushSigns();
  }

  /** Writes the signs of life since the last call, all workers' together. */
  async flushSigns(): Promise<void> {
    const writes: WorkerWrite[] = [];
    for (const worker of this.#workers.values()) {
      if (this.#options.isParked(worker.id)) this.#heardNow(worker);
      if (worker.seenAt > worker.storedSeenAt) writes.push(this.#write(worker, null));
    }
    await this.#put(writes);
  }

  /** Takes over the standings of all workers. */
  async pullStandings(): Promise<void> {
    const { storage, caller } = this.#options;
    const sums = new Map<string, { attempts: number; successes: number }>();
    for (let shard = 0; shard < storage.shards; shard++) {
      const { standings } = await caller.call(() => storage.readStandings({ shard }), forever);
      for (const { worker, attempts, successes } of standings) {
        const sum = sums.get(worker) ?? { attempts: 0, successes: 0 };
        sums.set(worker, { attempts: sum.attempts + attempts, successes: sum.successes + successes });
      }
    }
    for (const [id, { attempts, successes }] of sums) {
      const worker = this.#workers.get(id);
      if (worker !== undefined) worker.reputation = reputation(attempts, successes);
    }
  }

  async #release(worker: string, keep: string[], patienceMs: number): Promise<string[]> {
    const { storage, caller } = this.#options;
    const all: string[] = [];
    for (let shard = 0; shard < storage.shards; shard++) {
      const { released } = await caller.call(() => storage.releaseLeases({ shard, worker, keep }), patienceMs);
      all.push(...released);
    }
    return all;
  }

  /** What is stored, with what this engine heard since. */
  #take({ id, record, seenAt, version }: WorkerRow): void {
    if (record === null && this.#workers.get(id)?.pending == null) {
      this.#workers.delete(id);
      return;
    }
    // A record is no sign of life: it may stand there since long before this engine.
    const worker = this.#known(id, seenAt);
    noteStored(worker, seenAt);
    worker.version = version;
    const stored = record ?? { worker_id: id };
    const merged = worker.pending === null ? stored : mergeHeartbeat(stored, worker.pending);
    if (JSON.stringify(worker.record) === JSON.stringify(merged)) return;
    worker.replace(merged);
    this.#options.onChange(worker);
  }

  #planFlush(): void {
    if (this.#closed) return;
    this.#stopTimer ??= this.#options.world.after(changeDelayMs, () => {
      this.#stopTimer = null;
      this.#flushChanges().catch((error: unknown) => {
        // What was not written is still pending.
        this.#planFlush();
        this.#options.onError(error);
      });
    });
  }

  /** Writes what heartbeats changed. A record that somebody else changed meanwhile takes the changes over and is written again. */
  async #flushChanges(): Promise<void> {
    const changed = this.all().filter((worker) => worker.pending !== null);
    const written = changed.map((worker) => ({ worker, pending: worker.pending }));
    const conflicts = await this.#put(
      changed.map((worker) => ({ ...this.#write(worker, worker.record), base: worker.version })),
    );
    const refused = new Set(conflicts.map(({ id }) => id));
    for (const { worker, pending } of written) {
      if (worker.pending === pending && !refused.has(worker.id)) worker.pending = null;
    }
    for (const row of conflicts) this.#take(row);
    if (changed.some((worker) => worker.pending !== null)) this.#planFlush();
  }

  async #put(writes: WorkerWrite[]): Promise<WorkerRow[]> {
    const { storage, caller } = this.#options;
    const conflicts: WorkerRow[] = [];
    for (let at = 0; at < writes.length; at += writesPerCall) {
      const workers = writes.slice(at, at + writesPerCall);
      conflicts.push(...(await caller.call(() => storage.putWorkers({ workers }), requestPatienceMs)).conflicts);
    }
    return conflicts;
  }

  #write(worker: KnownWorker, record: JsonObject | null): WorkerWrite {
    worker.storedSeenAt = worker.seenAt;
    return { id: worker.id, record, seenAt: worker.seenAt, expiresAt: worker.seenAt + recordLifeMs };
  }

  #known(id: string, seenAt = this.#options.caller.clock.now()): KnownWorker {
    let worker = this.#workers.get(id);
    if (worker === undefined) {
      worker = new KnownWorker(id, { worker_id: id }, seenAt);
      this.#workers.set(id, worker);
    }
    return worker;
  }

  #heardNow(worker: KnownWorker): void {
    worker.seenAt = Math.max(worker.seenAt, this.#options.caller.clock.now());
  }
}

function noteStored(worker: KnownWorker, seenAt: number): void {
  worker.seenAt = Math.max(worker.seenAt, seenAt);
  worker.storedSeenAt = Math.max(worker.storedSeenAt, seenAt);
}

import type { Outage } from "#core/judge-due";
import type { Runner } from "#engine/runner";
import { silence } from "#engine/silence";
import type { StoreCaller } from "#engine/store-caller";
import { forever } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { ClaimedJobs, Reply, Storage, TaskDetails } from "#storage/storage";

export interface ClaimLoopOptions {
  storage: Storage;
  caller: StoreCaller;
  runner: Runner;
  world: World;
  /** The longest the engine sleeps without looking; Infinity for never without a bell. */
  backstopMs: number;
  onDueTasks: (shard: number, tasks: TaskDetails[], outages: readonly Outage[]) => Promise<void>;
  /** Something's retention is over; resolves when no more can be removed now. */
  onPurge: (shard: number) => Promise<void>;
  onOutage: (outage: Outage) => void;
}

/** One claim leases so many jobs: a hundred in one call hold a Redis for close to 20 ms. */
const leaseLimit = 50;
/** How many due tasks one claim takes, and for how long nobody else takes them. */
const dueLimit = 50;
const takeMs = 10_000;

/**
 * Looks after one shard: claims jobs and due tasks when a bell says that there are some, when the store said that
 * some come due, and at the backstop. Bells may be lost; the level is checked by each claim.
 */
export class ClaimLoop {
  readonly #shard: number;
  readonly #options: ClaimLoopOptions;
  #looking = false;
  #again = false;
  #stopped = false;
  /** Ready jobs were left because every slot was taken. */
  #hungry = false;
  #wakeAt = Number.POSITIVE_INFINITY;
  #stopTimer: () => void = () => {};
  /** Outages until then are known; null before the first claim. */
  #toldUntil: number | null = null;

  constructor(shard: number, options: ClaimLoopOptions) {
    this.#shard = shard;
    this.#options = options;
  }

  /** The first look; resolves once the store has answered it. */
  start(): Promise<void> {
    return this.#look();
  }
  stop(): void {
    this.#stopped = true;
    this.#stopTimer();
  }

  /** Jobs are ready. Cancelled ones need no slot: they end without a handler. */
  ready(needsSlot: boolean): void {
    if (!needsSlot || this.#options.runner.running.free > 0) this.#kick();
    else this.#hungry = true;
  }
  /** A slot is free. */
  freed(): void {
    if (this.#hungry) this.#kick();
  }
  /** Something comes due at `at`, by the store's clock. */
  due(at: number): void {
    if (at < this.#wakeAt) this.#sleepUntil(at);
  }

  #kick(): void {
    this.#look().catch((error: unknown) => this.#failed(error));
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#stopped) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    try {
      do {
        this.#again = false;
        await this.#claim();
      } while (this.#again && !this.#stopped);
    } finally {
      this.#looking = false;
    }
  }

  async #claim(): Promise<void> {
    const { runner, caller, storage } = this.#options;
    this.#sleepUntil(Number.POSITIVE_INFINITY);
    this.#hungry = false;
    const { reply, hasSlots } = await runner.lend(Math.min(runner.running.free, leaseLimit), async (lease) => {
      const request = lease ?? runner.leaseWithoutSlots();
      const silenceMs = this.#toldUntil === null ? silence.beforeStartMs : silence.inLifeMs;
      const input = { shard: this.#shard, lease: request, dueLimit, takeMs, silenceMs };
      const answer = await caller.call(() => storage.claimJobs(input), forever);
      this.#tell(answer);
      return { reply: answer, leased: answer.jobs, hasSlots: lease !== null };
    });
    if (reply.tasks.length > 0) await this.#options.onDueTasks(this.#shard, reply.tasks, reply.outages);
    if (reply.purgeDue) await this.#options.onPurge(this.#shard);
    // Without slots nobody looked for what needs one.
    if (reply.left || !hasSlots) this.#hungry = true;
    // A slot may have become free while the call was under way.
    const canTakeMore = runner.running.free > 0 || (!hasSlots && reply.left);
    if (this.#hungry && canTakeMore && !runner.stopping) this.#again = true;
    if (reply.moreDue) this.#again = true;
    if (reply.nextDue !== null) this.due(reply.nextDue);
  }

  /** Tells of the outages that are news; those before this engine's time are not. */
  #tell({ outages, now }: Reply<ClaimedJobs>): void {
    const toldUntil = this.#toldUntil ?? now - 1;
    for (const outage of outages) if (outage.to > toldUntil) this.#options.onOutage(outage);
    this.#toldUntil = outages.at(-1)?.to ?? toldUntil;
  }

  /** Sets the alarm, never later than the backstop. */
  #sleepUntil(at: number): void {
    this.#wakeAt = at;
    this.#stopTimer();
    const { world, caller, backstopMs } = this.#options;
    const ms = Math.min(backstopMs, Math.max(0, at - caller.clock.now()));
    if (ms !== Number.POSITIVE_INFINITY && !this.#stopped) this.#stopTimer = world.after(ms, () => this.#kick());
  }

  /** A fault of the store's that repeating didn't help: look again at the backstop. */
  #failed(error: unknown): void {
    if (this.#stopped) return;
    this.#sleepUntil(this.#options.caller.clock.now() + 1000);
    this.#options.runner.report(error);
  }
}

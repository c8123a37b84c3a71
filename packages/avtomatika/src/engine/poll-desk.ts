import { type Lane, taskId } from "#core/task";
import { HeldLanes } from "#engine/held-lanes";
import type { KnownWorker } from "#engine/known-worker";
import { type BoardLane, LaneBoard } from "#engine/lane-board";
import type { OtherDesks } from "#engine/other-desks";
import { type Claimed, type ParkedPoll, ParkedPolls } from "#engine/parked-polls";
import { type Candidate, countsTasks, pickWorker } from "#engine/pick-worker";
import { forever, type StoreCaller } from "#engine/store-caller";
import type { World } from "#engine/world";
import type { Bell } from "#storage/bell";
import type { Storage } from "#storage/storage";

export interface PollDeskOptions {
  storage: Storage;
  caller: StoreCaller;
  world: World;
  worker: (id: string) => KnownWorker | undefined;
  offerMs: number;
  /** How long a task waits for a better worker that asked a moment ago. */
  holdMs: number;
  maxParked: number;
  /** The desks of the other engines. */
  others: OtherDesks;
  /** Tasks that were claimed for a poll which ended meanwhile: to be given back. */
  onOrphans: (claimed: Claimed) => void;
  onError: (error: unknown) => void;
}

/** An older poll of a worker is not answered sooner than this after it began. */
const replaceMs = 1000;
/** So long a poll whose time is over still waits for the answer to its claim: what that brings would have to go back. */
const lateMs = 1000;
/** So many claims may be under way in a lane that is known to hold many tasks. */
const claimsPerLane = 8;

/**
 * Hands tasks to the workers that ask. A poll waits here without a call to the store while its lanes are believed
 * empty; the store checks capacity and hands out atomically, the desk only chooses who claims.
 */
export class PollDesk {
  readonly #options: PollDeskOptions;
  readonly #board: LaneBoard;
  readonly #parked = new ParkedPolls();
  readonly #held: HeldLanes;
  /** Lanes for which somebody may have to be chosen. */
  readonly #dirty = new Set<BoardLane>();
  #paused = false;
  #planned = false;

  constructor(options: PollDeskOptions) {
    this.#options = options;
    this.#board = new LaneBoard(options.storage.shards);
    this.#held = new HeldLanes({ ...options, onOver: (lane) => this.#check([lane]) });
    options.others.serve({
      askingSince: (id) => this.#askingSince(id),
      asking: () => [...this.#parked.all()].map(({ workerId }) => workerId),
      polledElsewhere: (id) => this.#replace(this.#parked.get(id) as ParkedPoll),
      changed: () => this.#check(this.#held.lanes),
    });
  }

  /** What is parked and what is held back at this instant, for checks and figures. */
  snapshot(): { polls: { workerId: string; full: boolean; claiming: boolean }[]; held: string[] } {
    const polls = [...this.#parked.all()].map(({ workerId, full, claiming }) => ({ workerId, full, claiming }));
    return { polls, held: this.#held.lanes.map(({ lane }) => lane.id) };
  }
  isParked(workerId: string): boolean {
    return this.#parked.has(workerId);
  }

  /** Parks a poll; resolves with its tasks, or none when its time is over or another poll replaced it; null: too many. */
  poll(workerId: string, options: { limit: number; holdMs: number; signal: AbortSignal }): Promise<Claimed | null> {
    const former = this.#parked.get(workerId);
    if (former === undefined && this.#parked.size >= this.#options.maxParked) return Promise.resolve(null);
    if (former !== undefined) this.#replace(former);
    return new Promise((answer) => {
      const { world } = this.#options;
      const { limit, holdMs, signal } = options;
      const poll: ParkedPoll = {
        workerId,
        limit,
        since: this.#now(),
        types: [],
        worker: null,
        claiming: false,
        late: false,
        full: false,
        news: 0,
        done: false,
        answer,
        stop,
      };
      const finish = (): void => this.#release(poll);
      const stopTimer = world.after(holdMs, () => (poll.claiming ? this.#awaitClaim(poll) : finish()));
      function stop(): void {
        stopTimer();
        signal.removeEventListener("abort", finish);
      }
      signal.addEventListener("abort", finish);
      this.#parked.park(poll);
      this.#options.others.polled(workerId);
      this.#offer(poll);
    });
  }

  /** Stops handing out; polls stay parked. */
  pause(): void {
    this.#paused = true;
    for (const { workerId } of this.#parked.all()) this.#options.others.polled(workerId);
  }
  /** Answers a worker's poll with nothing. */
  cut(workerId: string): void {
    const poll = this.#parked.get(workerId);
    if (poll !== undefined) this.#release(poll);
  }
  /** Answers every parked poll with nothing. */
  releaseAll(): void {
    for (const poll of [...this.#parked.all()]) this.#release(poll);
  }

  hear(bell: Bell): void {
    if (bell.kind === "lane") {
      this.#check([this.#board.ring(bell.shard, bell.lane)]);
    } else if (bell.kind === "freed") {
      this.freed(bell.worker);
    }
  }

  /** A worker's abilities or free slots changed. */
  freed(workerId: string): void {
    const poll = this.#parked.get(workerId);
    if (poll === undefined) return;
    poll.full = false;
    poll.news += 1;
    this.#options.others.polled(workerId);
    this.#offer(poll);
  }

  /** Asks the store which lanes have tasks: at the start, and in case that bells were lost. */
  async look(): Promise<void> {
    const { storage } = this.#options;
    for (let shard = 0; shard < storage.shards; shard++) {
      const lanes = this.#board.ofShard(shard);
      const reply = await this.#claimTasks(shard, {
        worker: "",
        lanes: lanes.map((lane) => lane.lane.id),
        limit: 0,
        capacity: 1,
      });
      const left = new Set(reply.left);
      for (const lane of lanes) if (left.has(lane.lane.id)) this.#check([this.#board.ring(shard, lane.lane)]);
    }
  }

  /** The worker of a poll may be the one to choose for the lanes it can take from. */
  #offer(poll: ParkedPoll): void {
    const worker = this.#options.worker(poll.workerId);
    if (worker === undefined || poll.done) return;
    this.#parked.reindex(poll, worker);
    for (const type of poll.types) {
      this.#check(this.#board.filledOf(type).filter((lane) => worker.mayTake(lane.lane)));
    }
  }

  /** Plans once for all lanes that have news in this tick. */
  #check(lanes: readonly BoardLane[]): void {
    for (const lane of lanes) this.#dirty.add(lane);
    if (this.#planned || this.#paused || this.#dirty.size === 0) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (!this.#paused) this.#plan();
    });
  }

  #plan(): void {
    const chosen = new Map<ParkedPoll, { worker: KnownWorker; lanes: BoardLane[]; spread: boolean }>();
    const away = [...this.#options.others.asking()];
    const idle = [...this.#parked.recentlyIdle(this.#now(), this.#options.worker), ...away];
    const dirty = this.#board.inTurn(this.#dirty);
    this.#dirty.clear();
    for (const lane of dirty) {
      if (!lane.filled || lane.claims >= (lane.deep ? claimsPerLane : 1)) continue;
      const picked = pickWorker(lane.lane, this.#candidates(lane.lane));
      if (picked === null || this.#held.isHeld(lane, picked.best.worker, idle)) continue;
      const { poll, worker } = picked.best;
      const plan = chosen.get(poll) ?? { worker, lanes: [], spread: false };
      const { strategy } = lane.lane;
      plan.spread ||= (picked.hasOthers || away.length > 0) && countsTasks(strategy);
      plan.lanes.push(lane);
      chosen.set(poll, plan);
    }
    for (const [poll, { worker, lanes, spread }] of chosen) {
      const shard = (lanes[0] as BoardLane).shard;
      // One call touches one shard; the lanes of others are looked at again afterwards.
      const own = lanes.filter((lane) => lane.shard === shard);
      this.#claim(poll, worker, own, spread ? 1 : poll.limit)
        .catch(this.#options.onError)
        .finally(() => this.#check(lanes));
    }
  }

  /** Those first that the lane's strategy prefers. */
  *#candidates({ type, strategy }: Lane): Generator<Candidate> {
    for (const poll of this.#parked.inOrder(type, strategy)) {
      const worker = poll.claiming || poll.full ? undefined : this.#options.worker(poll.workerId);
      if (worker !== undefined) yield { poll, worker };
    }
  }

  async #claim(poll: ParkedPoll, worker: KnownWorker, lanes: readonly BoardLane[], limit: number): Promise<void> {
    const shard = (lanes[0] as BoardLane).shard;
    const rung = lanes.map((lane) => lane.bells);
    this.#board.served(shard);
    const { news } = poll;
    poll.claiming = true;
    for (const lane of lanes) lane.claims += 1;
    try {
      const capacity = worker.view.maxConcurrentTasks;
      const ids = lanes.map((lane) => lane.lane.id);
      const reply = await this.#claimTasks(shard, { worker: worker.id, lanes: ids, limit, capacity });
      const left = new Set(reply.left);
      for (const [at, lane] of lanes.entries()) {
        lane.deep = left.has(lane.lane.id);
        lane.filled = lane.deep || lane.bells !== rung[at];
      }
      this.#held.claimed(lanes, reply.tasks.length > 0);
      poll.full = reply.full && poll.news === news;
      if (poll.full) this.#options.others.polled(poll.workerId);
      // The store knows better than this engine, which may have missed how other tasks ended.
      if (reply.open === reply.tasks.length) worker.forgetOpen(shard, this.#options.storage.shards);
      this.#tellHanded(worker, lanes, reply.tasks);
      this.#hand(poll, worker, reply.tasks);
    } finally {
      poll.claiming = false;
      for (const lane of lanes) lane.claims -= 1;
      if (poll.late) this.#release(poll);
      else this.#offer(poll);
    }
  }

  #hand(poll: ParkedPoll, worker: KnownWorker, tasks: Claimed): void {
    if (tasks.length === 0) return;
    for (const { type } of tasks) worker.hadTask(type, this.#now());
    // A poll that ended while its claim was under way can't be answered any more: the caller gives the tasks back.
    if (poll.done) this.#options.onOrphans(tasks);
    else this.#finish(poll, tasks);
  }

  #tellHanded(worker: KnownWorker, lanes: readonly BoardLane[], tasks: Claimed): void {
    const counting = new Set(lanes.filter(({ lane }) => countsTasks(lane.strategy)).map(({ lane }) => lane.id));
    const counted = tasks.filter(({ task }) => counting.has(task.lane));
    if (counted.length === 0) return;
    const handed = counted.map(({ task, type }) => ({ id: taskId(task), type }));
    this.#options.others.handed(worker.id, handed, this.#now());
  }

  #finish(poll: ParkedPoll, tasks: Claimed): void {
    this.#parked.finish(poll, tasks);
    if (tasks.length > 0) this.#options.others.gotTasks(poll.workerId);
    this.#options.others.polled(poll.workerId);
  }

  #askingSince(workerId: string): number | null {
    const poll = this.#parked.get(workerId);
    return poll === undefined || poll.full || poll.done || this.#paused ? null : poll.since;
  }

  async #claimTasks(shard: number, claim: { worker: string; lanes: string[]; limit: number; capacity: number }) {
    const { storage, caller, world, offerMs } = this.#options;
    const input = { ...claim, shard, claim: world.uuid(), offerMs, lanesSeen: this.#board.version(shard) };
    const reply = await caller.call(() => storage.claimTasks(input), forever);
    this.#check(this.#board.learn(shard, reply.lanes, reply.lanesVersion));
    return reply;
  }

  #awaitClaim(poll: ParkedPoll): void {
    poll.late = true;
    this.#options.world.after(lateMs, () => this.#release(poll));
  }

  #release(poll: ParkedPoll): void {
    this.#finish(poll, []);
  }

  #replace(poll: ParkedPoll): void {
    const { world } = this.#options;
    const wait = replaceMs - (this.#now() - poll.since);
    poll.full = true;
    if (wait <= 0) this.#release(poll);
    else world.after(wait, () => this.#release(poll));
  }

  #now(): number {
    return this.#options.caller.clock.now();
  }
}

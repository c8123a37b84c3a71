import type { KnownWorker } from "#engine/known-worker";
import type { BoardLane } from "#engine/lane-board";
import type { OtherDesks } from "#engine/other-desks";
import { betterThan } from "#engine/pick-worker";
import type { World } from "#engine/world";

interface Hold {
  /** Its time is over, as its timer says: no clock is asked, which may be a hair behind. */
  isOver: boolean;
  awaited: KnownWorker[];
  stop: () => void;
}

export interface HeldLanesOptions {
  world: World;
  /** How long a task waits for a better worker that asked a moment ago, or asks at another engine. */
  holdMs: number;
  others: OtherDesks;
  /** The hold-back of a lane is over. */
  onOver: (lane: BoardLane) => void;
}

/** Lanes whose tasks are held back for a moment, because a better worker is likely to ask. */
export class HeldLanes {
  readonly #options: HeldLanesOptions;
  readonly #held = new Map<BoardLane, Hold>();

  constructor(options: HeldLanesOptions) {
    this.#options = options;
  }

  get lanes(): BoardLane[] {
    return [...this.#held.keys()];
  }

  isHeld(lane: BoardLane, best: KnownWorker, idle: readonly KnownWorker[]): boolean {
    const better = betterThan(lane.lane, best, idle);
    if (better.length === 0) {
      this.#end(lane);
      return false;
    }
    const hold = this.#held.get(lane) ?? this.#begin(lane);
    hold.awaited = better;
    return !hold.isOver;
  }

  /** Lanes were claimed from: if there still was something, those who were waited for didn't want it. */
  claimed(lanes: readonly BoardLane[], gotSome: boolean): void {
    for (const lane of lanes) {
      const hold = this.#held.get(lane);
      if (gotSome && hold !== undefined) this.#options.others.forget(hold.awaited);
      this.#end(lane);
    }
  }

  #begin(lane: BoardLane): Hold {
    const { holdMs, world, onOver } = this.#options;
    const hold: Hold = { isOver: false, awaited: [], stop: () => {} };
    hold.stop = world.after(holdMs, () => {
      hold.isOver = true;
      onOver(lane);
    });
    this.#held.set(lane, hold);
    return hold;
  }

  #end(lane: BoardLane): void {
    this.#held.get(lane)?.stop();
    this.#held.delete(lane);
  }
}

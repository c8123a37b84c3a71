import type { KnownWorker } from "#engine/known-worker";
import type { BoardLane } from "#engine/lane-board";
import type { OtherDesks } from "#engine/other-desks";
import { betterThan } from "#engine/pick-worker";
import type { World } from "#engine/world";

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
  /** Who was waited for until the hold-back of a lane was over. */
  readonly #awaited = new Map<BoardLane, KnownWorker[]>();

  constructor(options: HeldLanesOptions) {
    this.#options = options;
  }

  isHeld(lane: BoardLane, best: KnownWorker, idle: readonly KnownWorker[]): boolean {
    const { holdMs, world, onOver } = this.#options;
    const better = betterThan(lane.lane, best, idle);
    if (better.length === 0) {
      lane.heldSince = null;
      return false;
    }
    if (lane.heldSince === null) {
      lane.heldSince = world.elapsed();
      world.after(holdMs, () => onOver(lane));
    }
    if (world.elapsed() - lane.heldSince < holdMs) return true;
    this.#awaited.set(lane, better);
    return false;
  }

  /** Lanes were claimed from: if there still was something, those who were waited for didn't want it. */
  claimed(lanes: readonly BoardLane[], gotSome: boolean): void {
    for (const lane of lanes) {
      lane.heldSince = null;
      if (gotSome) this.#options.others.forget(this.#awaited.get(lane) ?? []);
      this.#awaited.delete(lane);
    }
  }
}

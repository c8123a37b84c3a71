import type { Lane } from "#core/task";

/** A lane of one shard, and what this engine believes of it. */
export interface BoardLane {
  shard: number;
  lane: Lane;
  /** It may have tasks: a bell or a claim said so. */
  filled: boolean;
  /** The last claim left tasks in it: several workers may claim at once. */
  deep: boolean;
  claims: number;
  /** Counts the bells, so that one heard during a claim is not lost. */
  bells: number;
  /** Since when its tasks are held back for a better worker. */
  heldSince: number | null;
}

/** The lanes this engine has heard of. What it believes is checked by each claim. */
export class LaneBoard {
  readonly #lanes = new Map<string, BoardLane>();
  readonly #versions: number[];

  constructor(shards: number) {
    this.#versions = Array.from({ length: shards }, () => 0);
  }

  version(shard: number): number {
    return this.#versions[shard] as number;
  }

  /** Lanes that a reply told of. They may have tasks. */
  learn(shard: number, lanes: readonly Lane[], version: number): void {
    for (const lane of lanes) this.ring(shard, lane);
    this.#versions[shard] = Math.max(this.version(shard), version);
  }

  /** A lane has tasks now. */
  ring(shard: number, lane: Lane): void {
    const key = keyOf(shard, lane.id);
    let known = this.#lanes.get(key);
    if (known === undefined) {
      known = { shard, lane, filled: true, deep: false, claims: 0, bells: 0, heldSince: null };
      this.#lanes.set(key, known);
    }
    known.filled = true;
    known.bells += 1;
  }

  filled(): BoardLane[] {
    return [...this.#lanes.values()].filter((lane) => lane.filled);
  }
  ofShard(shard: number): BoardLane[] {
    return [...this.#lanes.values()].filter((lane) => lane.shard === shard);
  }
}

function keyOf(shard: number, laneId: string): string {
  return `${shard} ${laneId}`;
}

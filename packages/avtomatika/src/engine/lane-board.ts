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
}

/** The lanes this engine has heard of. What it believes is checked by each claim. */
export class LaneBoard {
  readonly #lanes = new Map<string, BoardLane>();
  readonly #byType = new Map<string, BoardLane[]>();
  readonly #versions: number[];
  #served = 0;

  constructor(shards: number) {
    this.#versions = Array.from({ length: shards }, () => 0);
  }

  version(shard: number): number {
    return this.#versions[shard] as number;
  }

  /** Lanes that a reply told of. They may have tasks. */
  learn(shard: number, lanes: readonly Lane[], version: number): BoardLane[] {
    this.#versions[shard] = Math.max(this.version(shard), version);
    return lanes.map((lane) => this.ring(shard, lane));
  }

  /** A lane has tasks now. */
  ring(shard: number, lane: Lane): BoardLane {
    const key = keyOf(shard, lane.id);
    let known = this.#lanes.get(key);
    if (known === undefined) {
      known = { shard, lane, filled: true, deep: false, claims: 0, bells: 0 };
      this.#lanes.set(key, known);
      this.#byType.set(lane.type, [...(this.#byType.get(lane.type) ?? []), known]);
    }
    known.filled = true;
    known.bells += 1;
    return known;
  }

  /** Lanes of a type that may have tasks. */
  filledOf(type: string): BoardLane[] {
    return (this.#byType.get(type) ?? []).filter((lane) => lane.filled);
  }
  /** Lanes shard by shard, beginning after the shard that was served last: none keeps the others waiting. */
  inTurn(lanes: Iterable<BoardLane>): BoardLane[] {
    const shards = this.#versions.length;
    const turn = (lane: BoardLane): number => (lane.shard - this.#served - 1 + shards) % shards;
    return [...lanes].sort((a, b) => turn(a) - turn(b));
  }
  served(shard: number): void {
    this.#served = shard;
  }
  ofShard(shard: number): BoardLane[] {
    return [...this.#lanes.values()].filter((lane) => lane.shard === shard);
  }
}

function keyOf(shard: number, laneId: string): string {
  return `${shard} ${laneId}`;
}

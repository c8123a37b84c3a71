import type { Strategy } from "#core/action";
import { costOf } from "#core/match";
import type { WorkerView } from "#core/worker-view";

/** What is known of a worker at the moment it asks. */
export interface AskingWorker {
  /** The task type in question. */
  type: string;
  openLeases: number;
  /** When it was last given a task of this type, in ms since the epoch; null for never. */
  lastTaskAt: number | null;
  /** In 0…1. */
  reputation: number;
}

/** A worker's place under a strategy: compared number by number, less is better. */
export type Rank = readonly number[];

/** An unknown cost ranks last. */
export function rank(strategy: Strategy, worker: WorkerView, asking: AskingWorker): Rank {
  const cost = costOf(worker, asking.type) ?? Number.POSITIVE_INFINITY;
  switch (strategy) {
    case "default":
      return [worker.hot.has(asking.type) ? 0 : 1, cost];
    case "round_robin":
      return [asking.lastTaskAt ?? Number.NEGATIVE_INFINITY];
    case "least_connections":
      return [asking.openLeases, worker.load];
    case "cheapest":
      return [cost];
    case "best_value":
      // Without any reputation no price is a good one.
      return [asking.reputation > 0 ? cost / asking.reputation : Number.POSITIVE_INFINITY];
  }
}

/** Negative if `a` is the better place, positive if `b` is, 0 if they are equal. */
export function compareRanks(a: Rank, b: Rank): number {
  for (let index = 0; index < a.length; index++) {
    // Two infinities are equal, although their difference is not 0.
    if (a[index] !== b[index]) return (a[index] as number) < (b[index] as number) ? -1 : 1;
  }
  return 0;
}

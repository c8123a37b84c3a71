import type { Strategy } from "#core/action";
import { compareRanks, type Rank, rank } from "#core/choose";
import type { Lane } from "#core/task";
import type { KnownWorker } from "#engine/known-worker";
import type { ParkedPoll } from "#engine/parked-polls";

export interface Candidate {
  poll: ParkedPoll;
  worker: KnownWorker;
}

/** A worker's rank for the tasks of a type under a strategy. */
export function rankFor(strategy: Strategy, type: string, worker: KnownWorker): Rank {
  return rank(strategy, worker.view, {
    type,
    openLeases: worker.openTasks.size,
    lastTaskAt: worker.lastTaskAt.get(type) ?? null,
    reputation: worker.reputation,
  });
}

/**
 * The first of the candidates who may take a task of the lane; they stand in the order of its strategy. `hasOthers` says
 * whether there is a second one, where that matters to the strategy.
 */
export function pickWorker(lane: Lane, ordered: Iterable<Candidate>): { best: Candidate; hasOthers: boolean } | null {
  let best: Candidate | null = null;
  for (const candidate of ordered) {
    if (!candidate.worker.mayTake(lane)) continue;
    if (best !== null) return { best, hasOthers: true };
    best = candidate;
    if (!countsTasks(lane.strategy)) break;
  }
  return best === null ? null : { best, hasOthers: false };
}

/** Those of the workers that are likely to ask at once who are better than the best that asks now. */
export function betterThan(lane: Lane, best: KnownWorker, others: readonly KnownWorker[]): KnownWorker[] {
  const rankOf = (worker: KnownWorker): Rank => rankFor(lane.strategy, lane.type, worker);
  const bestRank = rankOf(best);
  return others.filter((worker) => worker.mayTake(lane) && compareRanks(rankOf(worker), bestRank) < 0);
}

/** Whether a strategy ranks workers by what they were given. */
export function countsTasks(strategy: Strategy): boolean {
  return strategy === "round_robin" || strategy === "least_connections";
}

import type { Strategy } from "#core/action";
import { compareRanks, type Rank, rank } from "#core/choose";
import type { Lane } from "#core/task";
import type { KnownWorker } from "#engine/known-worker";
import type { ParkedPoll } from "#engine/parked-polls";

export interface Candidate {
  poll: ParkedPoll;
  worker: KnownWorker;
}

/** A worker's rank for the tasks of a lane. */
function rankFor(lane: Lane, worker: KnownWorker): Rank {
  return rank(lane.strategy, worker.view, {
    type: lane.type,
    openLeases: worker.openTasks.size,
    lastTaskAt: worker.lastTaskAt.get(lane.type) ?? null,
    reputation: worker.reputation,
  });
}

/** The best of those who could take a task of the lane now; of equals the one that has waited longest. */
export function pickWorker(lane: Lane, candidates: Iterable<Candidate>): { best: Candidate; others: number } | null {
  let best: Candidate | null = null;
  let bestRank: Rank = [];
  let others = -1;
  for (const candidate of candidates) {
    if (!candidate.worker.mayTake(lane)) continue;
    others += 1;
    const itsRank = rankFor(lane, candidate.worker);
    if (best === null || compareRanks(itsRank, bestRank) < 0) {
      best = candidate;
      bestRank = itsRank;
    }
  }
  return best === null ? null : { best, others };
}

/** Those of the workers that are likely to ask at once who are better than the best that asks now. */
export function betterThan(lane: Lane, best: KnownWorker, others: readonly KnownWorker[]): KnownWorker[] {
  const bestRank = rankFor(lane, best);
  return others.filter((worker) => worker.mayTake(lane) && compareRanks(rankFor(lane, worker), bestRank) < 0);
}

/** Whether a strategy ranks workers by what they were given. */
export function countsTasks(strategy: Strategy): boolean {
  return strategy === "round_robin" || strategy === "least_connections";
}

/** At most `burst` calls at once, and `perSecond` in the long run: in any window of t seconds `burst + perSecond · t`. */
export interface RateLimit {
  /** Above 0. */
  perSecond: number;
  /** At least 1. */
  burst: number;
}

/** How a limit is shared out between engines. */
export interface RateShare {
  /** What an engine with a seat lets through by itself, per principal; a burst of 0 for nothing. */
  own: RateLimit;
  /** What the store gives out in portions, to all engines together. */
  shared: RateLimit;
  /** How long a portion may be used. */
  lifeMs: number;
}

/** So many engines at a time let a little through without asking the store. */
export const seats = 4;
/** The part of a limit that all seats together have for it. */
const ownPart = 1 / 20;
const longestLifeMs = 1000;
/** The store's answer has to come within it. */
const shortestLifeMs = 50;

/**
 * Shares a limit out. Each seat has an allowance of its own, which fills slowly: who calls far below the limit never
 * costs a call to the store. What all seats could let through is taken off what the store gives out, so that the
 * sum of both is the limit, whatever the number of engines. An allowance below one call is none.
 */
export function shareOf({ perSecond, burst }: RateLimit): RateShare {
  const ownBurst = Math.max(1, Math.floor((burst * ownPart) / seats));
  const own = ownBurst * seats > burst / 2 ? none : { perSecond: (perSecond * ownPart) / seats, burst: ownBurst };
  const shared = { perSecond: perSecond - own.perSecond * seats, burst: burst - own.burst * seats };
  // Lent tokens don't fill up again: half the bucket has to be enough for what is used in one life.
  const halfMs = (shared.burst * 500) / shared.perSecond;
  return { own, shared, lifeMs: Math.floor(Math.min(longestLifeMs, Math.max(shortestLifeMs, halfMs))) };
}

const none: RateLimit = { perSecond: 0, burst: 0 };

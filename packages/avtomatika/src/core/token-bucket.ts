import type { RateLimit } from "#core/rate-share";

/**
 * A token bucket whose tokens are given out in portions. A portion is used at some instant of its life, nobody
 * knows which, and the limit has to hold whichever it is.
 */
export interface Bucket {
  /** How full the bucket is of uses, as of `at`: it drains at the limit's rate. */
  level: number;
  at: number;
  /** Portions that may still be used, earliest end first. */
  portions: { until: number; tokens: number }[];
}

export interface TakeTokens {
  limit: RateLimit;
  /** How many tokens are wanted, a whole number. */
  want: number;
  /** How long a portion may be used, from before it was asked for, in milliseconds. */
  lifeMs: number;
}

export interface Portion {
  /** Tokens given: whole ones, from 0 up to what was wanted. */
  granted: number;
  /** How long it takes until there is one more, in milliseconds; 0 if there is one now. */
  waitMs: number;
  bucket: Bucket;
  /** From then on the bucket is like one that was never used. */
  restedAt: number;
}

/** So many different ends of portions are told apart: those of an eighth of a life count as one. */
const slotsPerLife = 8;
/** What sums of fractions may be off by. */
const rounding = 1e-9;

/**
 * Takes a portion out of a bucket; null is one that was never used.
 *
 * Why no window of t ms sees more than `burst + rate · t` uses. A use fills the bucket by one and the bucket
 * drains at `rate`; the limit holds as long as it never overflows. Of a portion it isn't known when it is used, and
 * the level is highest if that is as late as can be: now, for one that still lives, since until then the bucket
 * drained for the others; at its end, for one that is over. So a portion that lives fills the bucket and drains
 * nothing, one that is over counts as used at its end, and a token is given only if the bucket so filled has room
 * for it. What comes later can't make it fuller: it only drains until the next portion. A portion that was lost with its
 * reply or its engine is the case of no use at all, which leaves the bucket emptier than reckoned.
 */
export function takeTokens(former: Bucket | null, { limit, want, lifeMs }: TakeTokens, now: number): Portion {
  const { level, at, portions } = settle(former ?? { level: 0, at: now, portions: [] }, limit.perSecond, now);
  const lent = portions.reduce((sum, { tokens }) => sum + tokens, 0);
  const room = limit.burst - level - lent;
  const granted = Math.min(want, Math.max(0, Math.floor(room + rounding)));
  if (granted > 0) lend(portions, granted, lifeMs, at);
  const last = portions.at(-1)?.until ?? at;
  return {
    granted,
    waitMs: waitMs(1 - (room - granted), level, portions, limit.perSecond, at),
    bucket: { level, at, portions },
    restedAt: last + ((level + lent + granted) * 1000) / limit.perSecond,
  };
}

/** The bucket at a later instant. A clock that was put back stands still until it is where it was. */
function settle(former: Bucket, perSecond: number, now: number): Bucket {
  let { level, at } = former;
  const drain = (to: number): void => {
    if (to <= at) return;
    level = Math.max(0, level - ((to - at) * perSecond) / 1000);
    at = to;
  };
  const portions = former.portions.filter(({ until, tokens }) => {
    if (until > now) return true;
    drain(until);
    level += tokens;
    return false;
  });
  drain(now);
  return { level, at, portions };
}

/** Ends are put off to the next slot, and by the millisecond that a clock of whole ones may hide. */
function lend(portions: Bucket["portions"], tokens: number, lifeMs: number, at: number): void {
  const slot = Math.max(1, Math.floor(lifeMs / slotsPerLife));
  const until = Math.ceil((at + lifeMs + 1) / slot) * slot;
  const last = portions.at(-1);
  if (last !== undefined && last.until >= until) last.tokens += tokens;
  else portions.push({ until, tokens });
}

/** `missing`: what the room lacks for one token. The level drains, and then the first portion does, once it is over. */
function waitMs(missing: number, level: number, portions: Bucket["portions"], perSecond: number, at: number): number {
  if (missing <= rounding) return 0;
  const first = portions[0];
  const drainedMs = (missing * 1000) / perSecond;
  if (first === undefined || missing <= level + rounding) return Math.ceil(drainedMs);
  return Math.ceil(Math.max(drainedMs, first.until - at + drainedMs - (level * 1000) / perSecond));
}

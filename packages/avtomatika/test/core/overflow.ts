import type { RateLimit } from "#core/rate-share";

/**
 * Holds instants of use (in milliseconds) against a limit: no window of t may have more than `burst + rate · t`. Tells
 * of the first use that is one too many, or answers null. It knows nothing of how the limit was kept.
 */
export function overflow(uses: readonly number[], { perSecond, burst }: RateLimit): string | null {
  const sorted = [...uses].sort((a, b) => a - b);
  // Of all windows that end with a use, the fullest in proportion begins with the use whose backlog is lowest.
  let lowest = Number.POSITIVE_INFINITY;
  for (const [count, at] of sorted.entries()) {
    const drained = (at * perSecond) / 1000;
    lowest = Math.min(lowest, count - drained);
    const inWindow = count + 1 - drained - lowest;
    if (inWindow > burst + 1e-3) return `use ${count} at ${at}: ${inWindow} above the rate, ${burst} are allowed`;
  }
  return null;
}

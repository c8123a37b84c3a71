import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/**
 * An engine's own clock may go up to 5 % wrong: only the store's decides anything. For engines that look again every 20 s:
 * an alarm is as late as the clock by which it was set.
 */
export function drawPace(random: Random, tally: Tally): number {
  if (random.chance(0.5)) return 1;
  tally.add("fault clock goes wrong");
  return 0.95 + random.next() / 10;
}

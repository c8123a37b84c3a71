import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

/** An engine's own clock may go up to 5 % wrong: only the store's decides anything. */
export function drawPace(random: Random, tally: Tally): number {
  if (random.chance(0.5)) return 1;
  tally.add("fault clock goes wrong");
  return 0.95 + random.next() / 10;
}

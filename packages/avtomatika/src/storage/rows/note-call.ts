import type { Outage } from "#core/judge-due";
import type { Call } from "#storage/rows/call";

/** So many outages are remembered: what ran out in older ones has been judged long ago. */
const maxOutages = 20;

/**
 * Takes notice that an engine is there: claims and prolongations are what every engine calls again and again while it
 * lives. A silence of all engines that was longer than `silenceMs` becomes an outage, told to all of them.
 */
export function noteCall(call: Call, silenceMs: number): Outage[] {
  const last = call.rows.lastCall();
  const outages = call.rows.outages();
  call.rows.setLastCall(call.now);
  if (last === null || call.now - last <= silenceMs) return outages;
  const known = [...outages, { from: last, to: call.now }].slice(-maxOutages);
  call.rows.putOutages(known);
  return known;
}

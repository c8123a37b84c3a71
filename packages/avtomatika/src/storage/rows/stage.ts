import type { Json } from "#core/json";
import type { Call } from "#storage/rows/call";
import type { Stage } from "#storage/storage";

/** See `Storage.stage`. The first value of a `once` stands. */
export function stage(call: Call, input: Stage): { outcome: "ok" | "lost"; value?: Json } {
  const job = call.rows.job(input.jobId);
  if (job?.lease?.claim !== input.claim) return { outcome: "lost" };
  if (input.items !== null) {
    const { wait, group, start, items } = input.items;
    call.rows.putItems(input.jobId, wait, group, start, items);
  }
  if (input.once === null) return { outcome: "ok" };
  const { visit, name, value } = input.once;
  const stored = call.rows.onceValues(input.jobId, visit);
  if (Object.hasOwn(stored, name)) return { outcome: "ok", value: stored[name] as Json };
  call.rows.putOnce(input.jobId, visit, name, value);
  return { outcome: "ok", value };
}

import type { Bell } from "#storage/bell";
import type { Call } from "#storage/rows/call";
import type { Operation } from "#storage/rows/row-storage";
import type { Reply } from "#storage/storage";

/** Runs one operation and collects its bells; the caller makes it atomic and rings them. */
export function runOperation<Input, Output>(
  place: Pick<Call, "rows" | "shard" | "now" | "full">,
  operation: Operation<Input, Output>,
  input: Input,
): { reply: Reply<Output>; bells: Bell[] } {
  const call: Call = { ...place, bells: [], wakeAt: Number.POSITIVE_INFINITY };
  const output = operation(call, input);
  if (call.wakeAt !== Number.POSITIVE_INFINITY) call.bells.push({ kind: "due", shard: call.shard, at: call.wakeAt });
  return { reply: { ...output, now: call.now }, bells: call.bells };
}

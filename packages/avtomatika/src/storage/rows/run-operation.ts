import type { Bell } from "#storage/bell";
import type { Call } from "#storage/rows/call";
import { mostClosed } from "#storage/rows/close-join";
import type { Operation } from "#storage/rows/row-storage";
import type { Reply } from "#storage/storage";

/** Runs one operation and collects its bells; the caller makes it atomic and rings them. */
export function runOperation<Input, Output>(
  place: Pick<Call, "rows" | "shard" | "now" | "full"> & { closesAtOnce: number | undefined },
  operation: Operation<Input, Output>,
  input: Input,
): { reply: Reply<Output>; bells: Bell[] } {
  const { closesAtOnce = mostClosed, ...own } = place;
  const call: Call = {
    ...own,
    bells: [],
    wakeAt: Number.POSITIVE_INFINITY,
    closes: closesAtOnce,
    revoked: new Map(),
  };
  const output = operation(call, input);
  for (const [worker, taskIds] of call.revoked) call.bells.push({ kind: "revoked", worker, taskIds });
  if (call.wakeAt !== Number.POSITIVE_INFINITY) call.bells.push({ kind: "due", shard: call.shard, at: call.wakeAt });
  return { reply: { ...output, now: call.now }, bells: call.bells };
}

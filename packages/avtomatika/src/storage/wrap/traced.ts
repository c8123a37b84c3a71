import type { Storage } from "#storage/storage";
import { type StorageCall, wrapCalls } from "#storage/wrap/wrap-calls";

/** A call that was answered: with a reply, or with the error that it was rejected with. */
export interface TracedCall {
  method: StorageCall;
  input: unknown;
  /** How long it took, in milliseconds. */
  ms: number;
  outcome: { reply: unknown } | { error: unknown };
}

/** Tells `hook` of every call, when it is answered. What it is told belongs to the caller: it may not change it. */
export function traced(storage: Storage, hook: (call: TracedCall) => void): Storage {
  return wrapCalls(storage, async ({ method, input, pass }) => {
    const start = performance.now();
    try {
      const reply = await pass();
      hook({ method, input, ms: performance.now() - start, outcome: { reply } });
      return reply;
    } catch (error) {
      hook({ method, input, ms: performance.now() - start, outcome: { error } });
      throw error;
    }
  });
}

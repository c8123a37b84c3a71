import { AvtomatikaError } from "#core/errors";
import type { Bell } from "#storage/bell";
import type { Storage } from "#storage/storage";
import { type Passing, type StorageCall, wrapCalls } from "#storage/wrap/wrap-calls";

/**
 * What happens to a call: nothing, it never arrives, it is applied but its reply is lost, or it is applied twice
 * and the second reply comes back.
 */
export type Fault = "none" | "not-applied" | "reply-lost" | "twice";

export interface FaultyOptions {
  /** Decides the fate of each call. */
  decide(method: StorageCall, input: unknown): Fault;
  /** The bells that are heard instead of one: none if it is lost, two if it is doubled. */
  bell?(bell: Bell): Bell[];
}

/** A store behind a bad line: every fault is one that the port allows. */
export function faulty(storage: Storage, options: FaultyOptions): Storage {
  const { bell } = options;
  const listen = (listener: (heard: Bell) => void) =>
    storage.listen((rung) => {
      for (const heard of bell === undefined ? [rung] : bell(rung)) listener(heard);
    });
  return wrapCalls(storage, (passing) => pass(passing, options.decide(passing.method, passing.input)), listen);
}

async function pass({ method, pass }: Passing, fault: Fault): Promise<unknown> {
  if (fault === "not-applied") throw away(method, "was not applied");
  if (fault === "twice") await pass();
  const reply = await pass();
  if (fault === "reply-lost") throw away(method, "lost its reply");
  return reply;
}

function away(method: StorageCall, what: string): AvtomatikaError {
  return new AvtomatikaError("store_unavailable", `a planted fault: ${method} ${what}`);
}

import type { Bell } from "#storage/bell";
import type { Storage } from "#storage/storage";

/** The methods of the port that are calls: an input, and a reply with the store's time. */
export type StorageCall = Exclude<keyof Storage, "shards" | "name" | "open" | "close" | "listen">;

/** All of them: one that is missing doesn't compile. */
const callNames = Object.keys({
  createJobs: true,
  getJob: true,
  listJobs: true,
  countJobs: true,
  claimJobs: true,
  commitStep: true,
  deliver: true,
  cancelJob: true,
  putProgress: true,
  extendLeases: true,
  stage: true,
  readOnce: true,
  readResults: true,
  claimTasks: true,
  settleTasks: true,
  getTask: true,
  listRevoked: true,
  releaseLeases: true,
  putWorkers: true,
  listWorkers: true,
  listSigns: true,
  tell: true,
  readStandings: true,
  findCreated: true,
  chargeQuota: true,
  refundQuota: true,
  takeTokens: true,
  purge: true,
} satisfies Record<StorageCall, true>) as StorageCall[];

/** One call on its way: what it is, and how it is made. */
export interface Passing {
  method: StorageCall;
  input: unknown;
  /** Makes the call; may be called more than once. */
  pass(): Promise<unknown>;
}

/** The same store, with something around every call; `open`, `close` and `listen` go through. */
export function wrapCalls(
  storage: Storage,
  around: (passing: Passing) => Promise<unknown>,
  listen: (listener: (bell: Bell) => void) => () => void = (listener) => storage.listen(listener),
): Storage {
  const wrapped: Record<string, unknown> = {
    name: storage.name,
    open: () => storage.open(),
    close: () => storage.close(),
    listen,
  };
  // A store may learn how many shards it has when it is opened.
  Object.defineProperty(wrapped, "shards", { get: () => storage.shards, enumerable: true });
  for (const method of callNames) {
    const call = (storage[method] as (input: unknown) => Promise<unknown>).bind(storage);
    wrapped[method] = (input: unknown) => around({ method, input, pass: () => call(input) });
  }
  return wrapped as unknown as Storage;
}

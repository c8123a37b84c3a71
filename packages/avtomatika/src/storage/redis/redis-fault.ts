import { AvtomatikaError } from "#core/errors";

/** Answers by which a server says that it can't serve now, rather than that a call is wrong. */
const awayCodes = new Set([
  "READONLY",
  "MISCONF",
  "OOM",
  "LOADING",
  "CLUSTERDOWN",
  "MOVED",
  "ASK",
  "MASTERDOWN",
  "NOREPLICAS",
  "TRYAGAIN",
  "BUSY",
  "UNKILLABLE",
  "NOAUTH",
  "WRONGPASS",
  "NOPERM",
]);
/** The same without a code of their own: a slot moved while a script ran, an operator ended a script. */
const awayTexts = /attempted to access a non local key|Script killed by user/;

/** The server is there, but another one is the master. */
export class ReplicaError extends Error {
  constructor(node: string) {
    super(`${node} is a replica`);
  }
}

/** True if the server answered that it doesn't know a script. */
export function isUnknownScript(error: unknown): boolean {
  return codeOf(error) === "NOSCRIPT";
}

/** The code by which a server said that it can't serve now; null for anything else. */
export function refusalOf(error: unknown): string | null {
  const code = codeOf(error);
  if (code === null) return null;
  if (awayCodes.has(code)) return code;
  return awayTexts.test((error as Error).message) ? "TRYAGAIN" : null;
}

/**
 * A failed call: `store_unavailable` where the line or the server failed, so that the caller repeats it; anything
 * else the server says is a fault of a script.
 */
export function callFault(error: unknown, where: string): unknown {
  if (error instanceof AvtomatikaError) return error;
  if (codeOf(error) !== null && refusalOf(error) === null) return error;
  return new AvtomatikaError("store_unavailable", `the store ${where} doesn't answer: ${reasonOf(error)}`, {
    cause: error,
  });
}

/** What went wrong, in words; several tries of one name are told as one. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return [...new Set(error.errors.map(reasonOf))].join(", ");
  }
  return error instanceof Error ? error.message : String(error);
}

/** The first word of what the server answered; null for an error of the line or the client. */
export function codeOf(error: unknown): string | null {
  const isReply = error instanceof Error && ["SimpleError", "BlobError"].includes(error.constructor.name);
  return isReply ? (/^-?([A-Z]+)\b/.exec(error.message)?.[1] ?? "ERR") : null;
}

import { AvtomatikaError } from "#core/errors";

/** Answers by which a server says that it can't serve now, rather than that a call is wrong. */
const awayCodes = [
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
];

/** True if the server answered that it doesn't know a script. */
export function isUnknownScript(error: unknown): boolean {
  return codeOf(error) === "NOSCRIPT";
}

/**
 * A failed call: `store_unavailable` where the line or the server failed, so that the caller repeats it; anything
 * else the server says is a fault of a script.
 */
export function callFault(error: unknown, where: string): unknown {
  if (error instanceof AvtomatikaError) return error;
  const code = codeOf(error);
  if (code !== null && !awayCodes.includes(code)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new AvtomatikaError("store_unavailable", `the store ${where} doesn't answer: ${text}`, { cause: error });
}

/** The first word of what the server answered; null for an error of the line or the client. */
function codeOf(error: unknown): string | null {
  const isReply = error instanceof Error && ["SimpleError", "BlobError"].includes(error.constructor.name);
  return isReply ? (/^-?([A-Z]+)\b/.exec(error.message)?.[1] ?? "ERR") : null;
}

import type { Config } from "#config/config";
import { AvtomatikaError } from "#core/errors";

/** `?wait` in milliseconds; 0 without it. Throws `invalid_request` past the bound. */
export function readWait(seconds: number | undefined, { waitLimitSeconds }: Config): number {
  if (seconds === undefined) return 0;
  if (seconds <= waitLimitSeconds) return Math.round(seconds * 1000);
  throw new AvtomatikaError("invalid_request", `wait: expected a number from 0 to ${waitLimitSeconds}, got ${seconds}`);
}

import type { Action } from "#core/action";
import { Options, wrong } from "#core/actions/options";
import { type KnownStates, requireTarget } from "#core/actions/states";
import { AvtomatikaError } from "#core/errors";
import { parseInstant } from "#core/instant";

/** Exactly one of the two. */
export type SleepOptions =
  /** 0 or more, fractions allowed. */
  | { seconds: number; until?: undefined }
  /** A Date or RFC 3339 text; the past wakes at once. */
  | { until: Date | string; seconds?: undefined };

const known: ReadonlySet<string> = new Set(["seconds", "until"]);

export function readSleep(given: unknown, nextState: unknown, states: KnownStates): Action {
  const options = new Options("sleep", given, known);
  if (options.isGiven("seconds") === options.isGiven("until")) {
    throw new AvtomatikaError("invalid_argument", "sleep: exactly one of seconds and until must be given");
  }
  const afterMs = options.duration("seconds");
  const wake = afterMs === null ? { at: readUntil(options) } : { afterMs };
  return { kind: "sleep", wake, nextState: requireTarget("sleep: nextState", nextState, states) };
}

function readUntil(options: Options): number {
  const until = options.get("until");
  const at = typeof until === "string" ? parseInstant(until) : until instanceof Date ? until.getTime() : undefined;
  if (at !== undefined && !Number.isNaN(at)) return at;
  throw wrong(`${options.path("until")} must be a Date or RFC 3339 text like "2030-01-31T09:00:00Z"`, until);
}

import { describe } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { didYouMean } from "#core/nearest";

/** `"2 days"`, `"1 h 30 min"`, `"90 s"`, milliseconds, or `{ days: 2, hours: 3 }`. */
export type Duration = string | number | { [Unit in (typeof parts)[number]]?: number | undefined };

const parts = ["weeks", "days", "hours", "minutes", "seconds", "milliseconds"] as const;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units: Readonly<Record<string, number>> = {
  ...{ ms: 1, millisecond: 1, milliseconds: 1 },
  ...{ s: second, sec: second, second, seconds: second },
  ...{ m: minute, min: minute, minute, minutes: minute },
  ...{ h: hour, hour, hours: hour },
  ...{ d: day, day, days: day },
  ...{ w: 7 * day, week: 7 * day, weeks: 7 * day },
};

/**
 * A duration in whole milliseconds.
 * @throws AvtomatikaError `invalid_argument` that names the nearest unit
 */
export function readDuration(duration: Duration): number {
  const ms = typeof duration === "string" ? readText(duration) : readParts(duration);
  if (Number.isFinite(ms) && ms >= 0) return Math.ceil(ms);
  throw wrong(`a duration is a text like "2 days", milliseconds, or { hours: 2 }, got ${describe(duration)}`);
}

function readText(text: string): number {
  const found = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)];
  const rest = text.replaceAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi, "").replaceAll(/[\s,]|and/g, "");
  if (found.length === 0 || rest !== "") return Number.NaN;
  return found.reduce((sum, [, count, unit = ""]) => sum + Number(count) * sizeOf(unit.toLowerCase()), 0);
}

function readParts(duration: Exclude<Duration, string>): number {
  if (typeof duration === "number") return duration;
  if (typeof duration !== "object" || duration === null || Object.keys(duration).length === 0) return Number.NaN;
  return Object.entries(duration).reduce((sum, [unit, count]) => {
    if (!(parts as readonly string[]).includes(unit)) throw unknown(unit, parts);
    return sum + (count ?? 0) * sizeOf(unit);
  }, 0);
}

function sizeOf(unit: string): number {
  const size = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (size === undefined) throw unknown(unit, Object.keys(units));
  return size;
}

function unknown(unit: string, known: readonly string[]): AvtomatikaError {
  return wrong(`unknown unit of time "${unit}"${didYouMean(unit, known)}`);
}

function wrong(message: string): AvtomatikaError {
  return new AvtomatikaError("invalid_argument", message);
}

/** A calendar month of a time zone: from its first instant up to, not including, that of the next one. */
export interface Month {
  /** As `2030-01`. */
  id: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

/** Zones lie between 12 hours before UTC and 14 after it; history knew a few that were farther off. */
const farthestMs = 16 * 3_600_000;

/**
 * The month of an instant, by the clocks of a time zone (an IANA name). Every instant belongs to one month, also where
 * clocks skip midnight. Put back over midnight, they show the end of the former month twice: it ends once.
 */
export function monthOf(instant: number, timeZone: string): Month {
  const shown = monthShown(instant, timeZone);
  const candidates = [shown + 1, shown, shown - 1];
  const number = candidates.find((one) => monthStart(one, timeZone) <= instant) as number;
  const [year, index] = [Math.floor(number / 12), number % 12];
  const id = `${year}-${String(index + 1).padStart(2, "0")}`;
  return { id, from: monthStart(number, timeZone), to: monthStart(number + 1, timeZone) };
}

/** An instant from which on the clocks show the month, found by halving. */
function monthStart(number: number, timeZone: string): number {
  const utc = Date.UTC(Math.floor(number / 12), number % 12, 1);
  let before = utc - farthestMs;
  let after = utc + farthestMs;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (monthShown(middle, timeZone) >= number) after = middle;
    else before = middle;
  }
  return after;
}

/** Months since the year 0 that a calendar on the wall shows. */
function monthShown(instant: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return (parts.get("year") as number) * 12 + (parts.get("month") as number) - 1;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a thousand times as long as using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    year: "numeric",
    month: "numeric",
  });
  formats.set(timeZone, format);
  return format;
}

/** RFC 3339 has no later year: 9999. */
const last = Date.UTC(10_000, 0, 1) - 1;

/** Milliseconds since the epoch as RFC 3339 in UTC; of what is later than it can say, the last that it can. */
export function instant(ms: number): string {
  return new Date(Math.min(ms, last)).toISOString();
}

/** The same of what may be missing. */
export function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}

/** Milliseconds since the epoch as RFC 3339 in UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same of what may be missing. */
export function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}

const minuteMs = 60_000;

/** Rows that run out in one minute go together: an engine doesn't purge once for each of them. */
export function expiryOf(at: number): number {
  return Math.ceil(at / minuteMs) * minuteMs;
}

/** How much one script does, so that it holds the server for a few milliseconds at most. */
export const most = {
  created: 100,
  settled: 100,
  extended: 300,
  staged: 500,
  workers: 500,
  signs: 1000,
  progress: 300,
  released: 200,
  revoked: 500,
  purged: 200,
  /** Jobs of one page. */
  listed: 200,
  /** Jobs, results or counters that a reader looks at, also where it needs none of them. */
  looked: 2000,
} as const;

/** A list in parts; an empty one is one part. */
export function chunks<T>(values: readonly T[], size: number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let at = 0; at === 0 || at < values.length; at += size) parts.push(values.slice(at, at + size));
  return parts;
}

/**
 * The candidate most like `name`, or undefined if none is near enough to be what was meant: at most a third
 * of the letters (and at least one) differ, or else it goes on where `name` ends, but for its last letter (`maxRetry`,
 * `timeout`). Case, `_` and `-` count for nothing; of equals the first wins.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  const all = [...candidates];
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of all) {
    const distance = editDistance(wanted, plain(candidate), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? all.find((candidate) => goesOn(wanted, plain(candidate)));
}

/** The letters that have to agree before one name is taken for the beginning of another. */
const leastBeginning = 4;

function goesOn(wanted: string, candidate: string): boolean {
  return wanted.length > leastBeginning && candidate.startsWith(wanted.slice(0, -1));
}

/** The end of a message: `, did you mean "x"?`, or nothing if no candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? "" : `, did you mean "${found}"?`;
}

function plain(name: string): string {
  // Names are bounded at 128 characters; a longer word is cut so that a message never costs much.
  return name.slice(0, 160).toLowerCase().replaceAll(/[_-]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours; `limit` or more counts as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(limit, at(last, b.length));
}

/** The rows above are always as long as needed. */
function at(row: readonly number[], column: number): number {
  return row[column] as number;
}

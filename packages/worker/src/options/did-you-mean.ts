/**
 * The end of a message: `, did you mean "x"?`, or nothing if no candidate is near: at most a third of the letters differ,
 * or it goes on where the name ends, but for its last letter (`maxRetry`, `timeout`).
 */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const wanted = plain(name);
  const all = [...candidates];
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of all) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  best ??= all.find((candidate) => wanted.length > 4 && plain(candidate).startsWith(wanted.slice(0, -1)));
  return best === undefined ? "" : `, did you mean "${best}"?`;
}

function plain(name: string): string {
  return name.slice(0, 160).toLowerCase().replaceAll(/[_-]/g, "");
}

/** Insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, replaced));
    }
    last = current;
  }
  return last[b.length] ?? 0;
}

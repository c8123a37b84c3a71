/**
 * Where two values of plain data differ first, with both: `results.0.outcome: "lost" instead of "ok"`. Null if they
 * are equal; a field that is undefined is one that isn't there.
 */
export function firstDifference(found: unknown, expected: unknown): string | null {
  if (found === expected) return null;
  if (!isObject(found) || !isObject(expected) || Array.isArray(found) !== Array.isArray(expected)) {
    return `: ${textOf(found)} instead of ${textOf(expected)}`;
  }
  for (const name in expected) {
    const difference = firstDifference(found[name], expected[name]);
    if (difference !== null) return within(name, difference);
  }
  for (const name in found) {
    if (!(name in expected) && found[name] !== undefined) return `${name}: ${textOf(found[name])} instead of nothing`;
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The path is put together on the way back: equal values, which are nearly all, cost nothing. */
function within(name: string, difference: string): string {
  return difference.startsWith(":") ? name + difference : `${name}.${difference}`;
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

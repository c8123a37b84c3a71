/**
 * Where two values of plain data differ first, with both: `results[0].outcome: "lost" instead of "ok"`. Null if they
 * are equal; a field that is undefined is one that isn't there.
 */
export function firstDifference(found: unknown, expected: unknown, path = ""): string | null {
  if (found === expected) return null;
  if (!isObject(found) || !isObject(expected) || Array.isArray(found) !== Array.isArray(expected)) {
    return `${path || "all of it"}: ${textOf(found)} instead of ${textOf(expected)}`;
  }
  for (const name in expected) {
    const difference = firstDifference(found[name], expected[name], placeOf(expected, name, path));
    if (difference !== null) return difference;
  }
  for (const name in found) {
    if (name in expected || found[name] === undefined) continue;
    return `${placeOf(found, name, path)}: ${textOf(found[name])} instead of nothing`;
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function placeOf(parent: object, name: string, path: string): string {
  if (Array.isArray(parent)) return `${path}[${name}]`;
  return path === "" ? name : `${path}.${name}`;
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

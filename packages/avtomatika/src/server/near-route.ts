import { nearest } from "#core/nearest";
import type { EngineRoute } from "#server/openapi/route";

/** Longer paths are no slips of the pen, and cost more to compare. */
const longestPath = 200;
/** So many parts may be missing of a path: a prefix and a version, say. */
const mostMissing = 2;

/**
 * The path of the route that was probably meant: as many parts, each the same or nearly so, or some parts more. What
 * stands in the place of a parameter is kept.
 */
export function nearRoute(
  method: string,
  path: string,
  routes: readonly Pick<EngineRoute, "method" | "path">[],
): string | undefined {
  const given = path.split("/").slice(1);
  if (path.length > longestPath || given[0] === "") return undefined;
  let best: { path: string; same: number } | undefined;
  for (const route of routes) {
    const wanted = route.method === method ? route.path.split("/").slice(1) : [];
    const meant = wanted.length === given.length ? correct(given, wanted) : complete(given, wanted);
    if (meant === undefined) continue;
    const same = wanted.filter((part, at) => part === given[at]).length;
    const found = `/${meant.join("/")}`;
    if (found !== path && same > (best?.same ?? -1)) best = { path: found, same };
  }
  return best?.path;
}

function correct(given: readonly string[], wanted: readonly string[]): string[] | undefined {
  const parts = wanted.map((part, at) => {
    const came = given[at] as string;
    if (part.startsWith(":")) return came === "" ? undefined : came;
    return came === part ? part : nearest(came, [part]);
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** `wanted` if `given` has all of its parts in their order but for a few, and no parameter is among those. */
function complete(given: readonly string[], wanted: readonly string[]): readonly string[] | undefined {
  const missing = wanted.length - given.length;
  if (missing < 1 || missing > mostMissing || wanted.some((part) => part.startsWith(":"))) return undefined;
  let at = 0;
  for (const part of wanted) if (part === given[at]) at += 1;
  return at === given.length ? wanted : undefined;
}

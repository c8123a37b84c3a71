import type { BlueprintDefinition } from "#core/definition";
import { AvtomatikaError } from "#core/errors";

type Endpoint = Pick<BlueprintDefinition, "name" | "apiVersion" | "apiEndpoint">;

/** The clients' routes with `POST` that every version has, beside the creations; `:x` is any segment. */
const versionedPosts = [
  "/jobs/:id/cancel",
  "/jobs/:id/approval",
  "/jobs/:id/requeue",
  "/jobs/:id/discard",
  "/admin/reload-clients",
  "/admin/reload-workers",
];

/** Where a blueprint's jobs are created, below the prefix of the clients' routes; null if it has no route. */
export function creationPath({ apiVersion, apiEndpoint }: Endpoint): string | null {
  if (apiEndpoint === null) return null;
  return `${apiVersion === null ? "" : `/${apiVersion}`}/${apiEndpoint}`;
}

/** What stands before the clients' other routes: each version in use, `v1` always. */
export function versionBases(blueprints: readonly Endpoint[]): string[] {
  const versions = blueprints.map(({ apiVersion }) => (apiVersion === null ? "" : `/${apiVersion}`));
  return [...new Set(["/v1", ...versions])];
}

/**
 * Refuses endpoints that collide with each other or with a route of the engine.
 * @throws AvtomatikaError `invalid_blueprint`
 */
export function refuseCollisions(blueprints: readonly Endpoint[]): void {
  const taken = versionBases(blueprints).flatMap((base) =>
    versionedPosts.map((path) => ({ path: `${base}${path}`, owner: "the engine" })),
  );
  for (const blueprint of blueprints) {
    const path = creationPath(blueprint);
    if (path === null) continue;
    const owner = `blueprint "${blueprint.name}"`;
    const own = [path, `${path}/batch`].map((each) => ({ path: each, owner }));
    for (const { path: mine } of own) {
      const other = taken.find((each) => overlap(each.path, mine));
      if (other === undefined) continue;
      throw new AvtomatikaError(
        "invalid_blueprint",
        `${owner}: its endpoint POST ${mine} collides with POST ${other.path} of ${other.owner}: choose another apiEndpoint`,
      );
    }
    taken.push(...own);
  }
}

function overlap(a: string, b: string): boolean {
  const [left, right] = [a.split("/"), b.split("/")];
  if (left.length !== right.length) return false;
  return left.every((segment, at) => segment === right[at] || segment.startsWith(":") || right[at]?.startsWith(":"));
}

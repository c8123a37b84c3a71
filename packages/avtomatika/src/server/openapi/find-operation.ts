import type { BlueprintDefinition } from "#core/definition";
import { quote } from "#core/describe";
import type { Group } from "#server/openapi/errors";
import type { GroupedOperation, Operation } from "#server/openapi/operation";
import { batchCreation, creation } from "#server/openapi/operations/creations";
import { fleetOperations } from "#server/openapi/operations/fleet";
import { jobOperations } from "#server/openapi/operations/jobs";
import { publicOperations } from "#server/openapi/operations/public";
import { workerOperations } from "#server/openapi/operations/workers";
import type { EngineRoute } from "#server/openapi/route";
import { creationPath, versionBases } from "#server/paths";

const ofClients: Readonly<Record<string, GroupedOperation>> = { ...jobOperations, ...fleetOperations };
const ofOthers: Readonly<Record<string, GroupedOperation>> = { ...publicOperations, ...workerOperations };

/** Every route that is described, those of clients below a version. */
export const described: readonly string[] = [...Object.keys(ofClients), ...Object.keys(ofOthers)];

/** What a route does, as the document tells it. */
export interface Found {
  operation: Operation;
  group: Group;
  /** Its own in the whole document. */
  id: string;
  tag: string;
  /** Of a creation. */
  blueprint?: BlueprintDefinition;
}

/** The description of a route. `client` is the prefix of the clients' routes, `/api` say. Throws if it has none. */
export function findOperation(
  { method, path }: EngineRoute,
  client: string,
  blueprints: readonly BlueprintDefinition[],
): Found {
  const other = ofOthers[`${method} ${path}`];
  if (other !== undefined) {
    return {
      operation: other,
      group: path.startsWith("/_worker/") ? "worker" : "public",
      id: other.id,
      tag: other.tag,
    };
  }
  const below = path.slice(client.length);
  const blueprint = blueprints.find((each) => [creationPath(each), batchPath(each)].includes(below));
  if (blueprint !== undefined && method === "POST") {
    const operation = below === creationPath(blueprint) ? creation : batchCreation;
    const id = `${operation.id}_${identifier(blueprint.name, blueprints)}`;
    return { operation, group: "client", id, tag: blueprint.name, blueprint };
  }
  for (const base of versionBases(blueprints)) {
    const operation = below.startsWith(`${base}/`) ? ofClients[`${method} ${below.slice(base.length)}`] : undefined;
    if (operation === undefined) continue;
    const version = base.slice(1) || "unversioned";
    const { id, tag } = operation;
    if (version === "v1") return { operation, group: "client", id, tag };
    return { operation, group: "client", id: `${id}_${version}`, tag: `${tag} (${version})` };
  }
  throw new Error(`no operation describes ${method} ${quote(path)}: add it to server/openapi/operations`);
}

function batchPath(blueprint: BlueprintDefinition): string | null {
  const path = creationPath(blueprint);
  return path === null ? null : `${path}/batch`;
}

/** A blueprint's name in letters that ids may have; where that makes two the same, with its place among them. */
export function identifier(name: string, blueprints: readonly BlueprintDefinition[]): string {
  const written = blueprints.map((blueprint) => blueprint.name.replaceAll(/[^A-Za-z0-9._-]/g, "_"));
  const at = blueprints.findIndex((blueprint) => blueprint.name === name);
  const own = written[at] as string;
  return written.indexOf(own) === at ? own : `${own}_${at}`;
}

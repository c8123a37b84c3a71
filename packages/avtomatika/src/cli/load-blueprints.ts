import { realpathSync } from "node:fs";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { explainLoadError } from "#cli/explain-load-error";
import { findModules } from "#cli/find-modules";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { AnyBlueprint } from "#server/orchestrator-engine";

/**
 * Every blueprint that the modules export, each object once.
 * @throws AvtomatikaError `invalid_argument` for a file or folder without one, two of one name, a module that can't be read
 */
export async function loadBlueprints(paths: readonly string[]): Promise<AnyBlueprint[]> {
  const found = new Map<AnyBlueprint, string>();
  for (const { path, isFolder, modules } of findModules(paths)) {
    const counts = await Promise.all(modules.map((file) => loadModule(file)));
    for (const [at, blueprints] of counts.entries()) {
      for (const blueprint of blueprints) if (!found.has(blueprint)) found.set(blueprint, modules[at] as string);
    }
    if (counts.flat().length > 0) continue;
    const what = isFolder ? `folder ${path}: none of its ${modules.length} modules exports` : `${path} doesn't export`;
    throw new AvtomatikaError(
      "invalid_argument",
      `${what} a StateMachineBlueprint: write "export const flow = new StateMachineBlueprint(…)"`,
    );
  }
  refuseDoubles(found);
  return [...found.keys()];
}

async function loadModule(file: string): Promise<AnyBlueprint[]> {
  const path = realpathSync(file);
  try {
    const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    return [...new Set(Object.values(module).filter(isBlueprint))];
  } catch (error) {
    throw explainLoadError(path, error);
  }
}

/** By its shape: the modules may have a copy of the package of their own. */
function isBlueprint(value: unknown): value is AnyBlueprint {
  if (typeof value !== "object" || value === null) return false;
  const methods: readonly string[] = ["handlerFor", "aggregatorFor", "validate", "define", "toDot"];
  return methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");
}

function refuseDoubles(found: ReadonlyMap<AnyBlueprint, string>): void {
  const files = new Map<string, string>();
  for (const [{ name }, file] of found) {
    const other = files.get(name);
    if (other !== undefined) {
      const where = other === file ? `in ${shorten(file)}` : `in ${shorten(other)} and ${shorten(file)}`;
      throw new AvtomatikaError("invalid_argument", `two blueprints are named ${quote(name)}, ${where}: rename one`);
    }
    files.set(name, file);
  }
}

function shorten(file: string): string {
  return relative(process.cwd(), file) || file;
}

import { realpathSync } from "node:fs";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { explainLoadError } from "#cli/explain-load-error";
import { findModules } from "#cli/find-modules";
import type { StateMachineBlueprint } from "#core/blueprint";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";

/** A blueprint and the module that exports it. */
export interface LoadedBlueprint {
  blueprint: Pick<StateMachineBlueprint, "name" | "define" | "validate" | "toDot" | "renderGraph">;
  /** As a person would name it: relative to the working folder. */
  file: string;
}

/**
 * Every blueprint that the modules export, each object once.
 * @throws AvtomatikaError `invalid_argument` for a file or folder without one, two of one name, a module that can't be read
 */
export async function loadBlueprints(paths: readonly string[]): Promise<LoadedBlueprint[]> {
  const { loaded, faults } = await tryLoad(paths);
  if (faults.length > 0) throw faults[0];
  return loaded;
}

/** What can be loaded, and what is wrong with the rest. Throws only for a path that isn't there. */
export async function tryLoad(
  paths: readonly string[],
): Promise<{ loaded: LoadedBlueprint[]; faults: readonly unknown[] }> {
  const found = new Map<LoadedBlueprint["blueprint"], string>();
  const faults: unknown[] = [];
  for (const { path, isFolder, modules } of findModules(paths)) {
    const results = await Promise.allSettled(modules.map((file) => loadModule(file)));
    let isEmpty = true;
    for (const [at, result] of results.entries()) {
      if (result.status === "rejected") faults.push(result.reason);
      const blueprints = result.status === "fulfilled" ? result.value : [];
      if (result.status === "rejected" || blueprints.length > 0) isEmpty = false;
      for (const blueprint of blueprints) if (!found.has(blueprint)) found.set(blueprint, modules[at] as string);
    }
    if (isEmpty) faults.push(nothingIn(path, isFolder, modules.length));
  }
  const loaded = [...found].map(([blueprint, file]) => ({ blueprint, file: shorten(file) }));
  return { loaded, faults: [...faults, ...doubles(loaded)] };
}

async function loadModule(file: string): Promise<LoadedBlueprint["blueprint"][]> {
  const path = realpathSync(file);
  try {
    const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    return [...new Set(Object.values(module).filter(isBlueprint))];
  } catch (error) {
    throw explainLoadError(path, error);
  }
}

/** By its shape: the modules may have a copy of the package of their own. */
function isBlueprint(value: unknown): value is LoadedBlueprint["blueprint"] {
  if (typeof value !== "object" || value === null) return false;
  const methods: readonly string[] = ["handlerFor", "aggregatorFor", "validate", "define", "toDot"];
  return methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");
}

function nothingIn(path: string, isFolder: boolean, modules: number): AvtomatikaError {
  const what = isFolder ? `folder ${path}: none of its ${modules} modules exports` : `${path} doesn't export`;
  const remedy = 'write "export const flow = new StateMachineBlueprint(…)"';
  return new AvtomatikaError("invalid_argument", `${what} a StateMachineBlueprint: ${remedy}`);
}

function doubles(loaded: readonly LoadedBlueprint[]): AvtomatikaError[] {
  const files = new Map<string, string>();
  return loaded.flatMap(({ blueprint: { name }, file }) => {
    const other = files.get(name);
    files.set(name, file);
    if (other === undefined) return [];
    const where = other === file ? `in ${file}` : `in ${other} and ${file}`;
    const message = `two blueprints are named ${quote(name)}, ${where}: rename one`;
    return [new AvtomatikaError("invalid_argument", message)];
  });
}

function shorten(file: string): string {
  return relative(process.cwd(), file) || file;
}

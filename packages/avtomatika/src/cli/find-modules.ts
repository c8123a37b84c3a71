import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AvtomatikaError } from "#core/errors";
import { didYouMean } from "#core/nearest";

/** A path as it was named, and the modules that it means. */
export interface NamedPath {
  path: string;
  isFolder: boolean;
  modules: string[];
  /** Where more modules would count, or the folder of a file. */
  folders: string[];
}

/** The modules of files and folders: absolute paths, sorted. Throws `invalid_argument` for a path that isn't there. */
export function findModules(paths: readonly string[]): NamedPath[] {
  return paths.map((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) {
      throw new AvtomatikaError("invalid_argument", `there is no file or folder ${path}${neighbour(path)}`);
    }
    const full = resolve(path);
    if (!stats.isDirectory()) return { path, isFolder: false, modules: [full], folders: [dirname(full)] };
    const folders = listFolders(full);
    return { path, isFolder: true, modules: folders.flatMap(listModules).sort(), folders };
  });
}

/** What was probably meant, of the same folder. */
function neighbour(path: string): string {
  try {
    return didYouMean(basename(path), readdirSync(dirname(resolve(path))));
  } catch {
    return "";
  }
}

function listFolders(folder: string): string[] {
  const inner = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !isLeftOut(entry.name))
    .map(({ name }) => join(folder, name));
  return [folder, ...inner.flatMap(listFolders)];
}

function listModules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && isModule(entry.name))
    .map(({ name }) => join(folder, name));
}

function isLeftOut(folder: string): boolean {
  return folder === "node_modules" || folder.startsWith(".");
}

/** By its name or path. */
export function isModule(name: string): boolean {
  return /\.m?[tj]s$/.test(name) && !/\.d\.m?ts$/.test(name) && !/\.test\.[^.]+$/.test(name);
}

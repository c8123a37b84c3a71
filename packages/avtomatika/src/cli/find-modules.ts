import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { AvtomatikaError } from "#core/errors";

/** A path as it was named, and the modules that it means. */
export interface NamedPath {
  path: string;
  isFolder: boolean;
  modules: string[];
}

/** The modules of files and folders: absolute paths, sorted. Throws `invalid_argument` for a path that isn't there. */
export function findModules(paths: readonly string[]): NamedPath[] {
  return paths.map((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw new AvtomatikaError("invalid_argument", `there is no file or folder ${path}`);
    const isFolder = stats.isDirectory();
    return { path, isFolder, modules: isFolder ? listModules(resolve(path)) : [resolve(path)] };
  });
}

function listModules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return isLeftOut(entry.name) ? [] : listModules(path);
      return isModule(entry.name) ? [path] : [];
    })
    .sort();
}

function isLeftOut(folder: string): boolean {
  return folder === "node_modules" || folder.startsWith(".");
}

function isModule(name: string): boolean {
  return /\.m?[tj]s$/.test(name) && !/\.d\.m?ts$/.test(name) && !/\.test\.[^.]+$/.test(name);
}

// What an install of our packages brings: read from package-lock.json, so that it is the same on every machine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { published, root } from "./packages.ts";

interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  link?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  [field: string]: unknown;
}

export interface Lock {
  packages: Record<string, LockEntry>;
}

export interface Dependency {
  name: string;
  version: string;
  license: string;
  /** Its key in the lockfile. */
  path: string;
  entry: LockEntry;
}

export function readLock(): Lock {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
}

/**
 * Every package of others that the workspaces need when they run, by name and version. What a user installs only for a
 * feature (an optional peer) is left out with `optionalPeers: false`.
 */
export function closureOf(
  lock: Lock,
  {
    workspaces = workspacePaths(lock),
    optionalPeers = true,
  }: { workspaces?: readonly string[]; optionalPeers?: boolean } = {},
): Dependency[] {
  const seen = new Set<string>(workspaces);
  for (const path of seen) {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = lock.packages[path] ?? {};
    for (const name of Object.keys({ ...peerDependencies, ...optionalDependencies, ...dependencies })) {
      if (!optionalPeers && peerDependenciesMeta?.[name]?.optional === true) continue;
      const found = find(lock, path, name);
      if (found !== undefined) seen.add(found);
      else if (dependencies?.[name]) throw new Error(`package-lock.json has no ${name} for ${path}: run npm install`);
    }
  }
  return [...seen]
    .filter((path) => !workspaces.includes(path))
    .map((path) => {
      const entry = lock.packages[path] as LockEntry;
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      return { name, version: entry.version ?? "", license: entry.license ?? "none", path, entry };
    })
    .sort((a, b) => (a.name === b.name ? compare(a.version, b.version) : compare(a.name, b.name)));
}

/** The names that our packages ask for themselves, without each other. */
export function directNames(lock: Lock): string[] {
  const ours = new Set(published.map(({ name }) => name));
  const names = workspacePaths(lock).flatMap((path) => {
    const { dependencies, optionalDependencies, peerDependencies } = lock.packages[path] ?? {};
    return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  });
  return [...new Set(names)].filter((name) => !ours.has(name)).sort();
}

/** Where Node would find it, seen from there. */
function find(lock: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf("/"), 0))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = lock.packages[path];
    if (entry !== undefined) return entry.link ? entry.resolved : path;
    if (folder === "") return undefined;
  }
}

function workspacePaths(lock: Lock): string[] {
  const paths = Object.values(lock.packages).flatMap(({ link, resolved }) => (link && resolved ? [resolved] : []));
  return paths.filter((path) => published.some(({ folder }) => folder === join(root, path))).sort();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

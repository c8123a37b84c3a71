// Folders in which the tarballs are installed, as a user has them.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closureOf, type Lock, readLock } from "./closure.ts";
import type { Node } from "./nodes.ts";
import type { Packed } from "./pack.ts";
import { readManifest, root } from "./packages.ts";
import { run } from "./run.ts";

const quiet = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];

/** An empty folder with a package.json, outside of this repo. */
export function emptyFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `avtomatika-${name}-`));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name, version: "1.0.0", private: true, type: "module" }),
  );
  return folder;
}

/** As `npm install NAME…` does, with today's versions of what the packages need. Refuses what this Node is too old for. */
export async function install(
  folder: string,
  packed: readonly Packed[],
  node: Node,
  more: string[] = [],
): Promise<void> {
  const args = ["install", ...quiet, "--engine-strict", ...more, ...packed.map(({ path }) => path)];
  await run("npm", args, { cwd: folder, env: node.env });
}

/** The same with exactly the versions that this repo's lockfile names: nothing is asked that was asked before. */
export async function installLocked(folder: string, packed: readonly Packed[], env: NodeJS.ProcessEnv): Promise<void> {
  const { name, version, type } = readManifest(folder);
  const dependencies = Object.fromEntries(packed.map((one) => [one.name, `file:${one.path}`]));
  const lock = lockFor(packed, dependencies);
  const manifest = { name, version, private: true, type, dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  lock.packages[""] = { name, version, dependencies };
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ name, version, lockfileVersion: 3, ...lock }));
  await run("npm", ["ci", ...quiet, "--prefer-offline"], { cwd: folder, env });
}

/** The repo's lockfile as it would be in a folder that has the tarballs instead of the workspaces. */
function lockFor(packed: readonly Packed[], tarballs: Record<string, string>): Lock {
  const from = readLock();
  const workspaces = packed.map(({ name, integrity }) => {
    const path = from.packages[`node_modules/${name}`]?.resolved;
    if (path === undefined) throw new Error(`package-lock.json has no workspace ${name}`);
    return { name, path, integrity };
  });
  const packages: Lock["packages"] = {};
  for (const { name, path, integrity } of workspaces) {
    const { devDependencies: _, link: _link, ...entry } = from.packages[path] ?? {};
    packages[`node_modules/${name}`] = { ...entry, resolved: tarballs[name] as string, integrity };
  }
  const installed = closureOf(from, { workspaces: workspaces.map((one) => one.path), optionalPeers: false });
  for (const { path, entry } of installed) {
    const owner = workspaces.find((one) => path.startsWith(`${one.path}/`));
    const { dev: _, ...kept } = entry;
    packages[owner ? `node_modules/${owner.name}${path.slice(owner.path.length)}` : path] = kept;
  }
  return { packages };
}

/** A user's own programs. */
export const consumerFolder = join(root, "scripts", "release", "consumer");

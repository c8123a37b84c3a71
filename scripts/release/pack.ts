// The tarballs, and what may be in them.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { licenceOf } from "./bundle.ts";
import { outFolder, type Published, published, stageFolder } from "./packages.ts";
import { run } from "./run.ts";

export interface Packed {
  name: string;
  version: string;
  /** Of the tarball. */
  path: string;
  integrity: string;
  /** Paths in the package. */
  files: string[];
  /** Of the tarball, and once unpacked. */
  bytes: number;
  unpackedBytes: number;
}

/** What `npm pack --json` tells of one. */
interface Report {
  name: string;
  version: string;
  filename: string;
  integrity: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

const allowed =
  /^(package\.json|README\.md|LICENSE|bin\/[\w-]+\.js|dist\/[\w/-]+\.(js|d\.ts|lua|sql|json|html|css|svg|license\.txt))$/;
const needed = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];

/** Packs what `stageAll` made. */
export async function packAll(): Promise<Packed[]> {
  const target = join(outFolder, "tarballs");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const folders = published.map(({ name }) => `./${name}`);
  const args = ["pack", ...folders, "--ignore-scripts", "--json", "--loglevel=error", "--pack-destination", target];
  const { stdout } = await run("npm", args, { cwd: stageFolder });
  return (JSON.parse(stdout) as Report[]).map(({ name, version, filename, integrity, size, unpackedSize, files }) => ({
    name,
    version,
    path: join(target, filename),
    integrity,
    files: files.map(({ path }) => path),
    bytes: size,
    unpackedBytes: unpackedSize,
  }));
}

export function contentProblems(packed: readonly Packed[], packages: readonly Published[] = published): string[] {
  return packages.flatMap(({ name, bounds, bundled }) => {
    const one = packed.find((candidate) => candidate.name === name);
    if (one === undefined) return [`${name} was not packed`];
    const { files, unpackedBytes } = one;
    return [
      ...[...needed, ...bundled.map(licenceOf)]
        .filter((path) => !files.includes(path))
        .map((path) => `${name}: ${path} is missing`),
      ...files.filter((path) => !allowed.test(path)).map((path) => `${name}: ${path} doesn't belong into a package`),
      ...(files.length > bounds.files ? [`${name}: ${files.length} files, ${bounds.files} are allowed`] : []),
      ...(unpackedBytes > bounds.bytes ? [`${name}: ${unpackedBytes} bytes, ${bounds.bytes} are allowed`] : []),
    ];
  });
}

// The bill of materials of what a release installs: CycloneDX, in dist/release.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closureOf, readLock } from "./closure.ts";
import { emptyFolder, installLocked } from "./install.ts";
import type { Node } from "./nodes.ts";
import type { Packed } from "./pack.ts";
import { outFolder } from "./packages.ts";
import { run } from "./run.ts";

interface Bill {
  bomFormat: string;
  components: {
    name: string;
    version: string;
    purl?: string;
    hashes?: { alg: string; content: string }[];
    licenses?: unknown[];
  }[];
}

/** Writes it, and tells what is missing in it or shouldn't be there. */
export async function writeSbom(packed: readonly Packed[], { env }: Node): Promise<string[]> {
  const folder = emptyFolder("avtomatika-release");
  try {
    await installLocked(folder, packed, env);
    // From the lockfile: what is optional is listed for every platform, not for this one only.
    const args = ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--omit", "dev"];
    const { stdout } = await run("npm", args, { cwd: folder, env });
    writeFileSync(join(outFolder, "sbom.cdx.json"), stdout);
    return sbomProblems(JSON.parse(stdout) as Bill, packed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sbomProblems({ bomFormat, components }: Bill, packed: readonly Packed[]): string[] {
  if (bomFormat !== "CycloneDX") return [`sbom: the format is ${bomFormat}`];
  const key = ({ name, version }: { name: string; version: string }): string => `${name} ${version}`;
  const wanted = new Set([...closureOf(readLock(), { optionalPeers: false }), ...packed].map(key));
  const found = new Set(components.map(key));
  const bare = components.filter(({ purl, hashes, licenses }) => !purl || !hashes?.length || !licenses?.length);
  return [
    ...[...wanted].filter((each) => !found.has(each)).map((each) => `sbom: ${each} is missing`),
    ...[...found].filter((each) => !wanted.has(each)).map((each) => `sbom: ${each} isn't in package-lock.json`),
    ...bare.map((each) => `sbom: ${key(each)} has no purl, hash or licence`),
  ];
}

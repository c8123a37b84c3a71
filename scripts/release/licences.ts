// Whose work comes with ours, and on what terms: judged, and told in THIRD-PARTY.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closureOf, type Dependency, readLock } from "./closure.ts";
import { root } from "./packages.ts";

/** Terms that ask for no more than to be named. */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
  "Unlicense",
]);

const file = join(root, "THIRD-PARTY.md");

/** SPDX: with OR one side is enough, with AND both are needed. */
export function isAllowed(license: string): boolean {
  const text = license.trim().replace(/^\((.*)\)$/, "$1");
  if (/[()]/.test(text)) return false;
  return text.split(" OR ").some((side) => side.split(" AND ").every((name) => allowed.has(name.trim())));
}

export function licenceProblems(list: readonly Pick<Dependency, "name" | "version" | "license">[]): string[] {
  return list
    .filter(({ license }) => !isAllowed(license))
    .map(
      ({ name, version, license }) => `${name} ${version}: the licence "${license}" isn't on the list of allowed ones`,
    );
}

export function thirdPartyText(list: readonly Dependency[]): string {
  const rows = list.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  return `# Packages of others

What an install of the packages of this repo brings along, as package-lock.json names it. \`npm run release:licences\` writes
this file, \`npm test\` holds it against the lockfile.

| package | version | licence |
|---|---|---|
${rows.join("\n")}
`;
}

/** Empty if the committed file is true. */
export function thirdPartyProblems(list: readonly Dependency[] = closureOf(readLock())): string[] {
  if (readFileSync(file, "utf8") === thirdPartyText(list)) return [];
  return ["THIRD-PARTY.md isn't what package-lock.json says: run npm run release:licences"];
}

export function writeThirdParty(): void {
  const list = closureOf(readLock());
  writeFileSync(file, thirdPartyText(list));
  console.log(`THIRD-PARTY.md: ${list.length} packages`);
}

// npm run release:version: the changesets become the next version, and the changelog's head becomes its own.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { published, readManifest, root } from "./packages.ts";
import { run } from "./run.ts";

const head = "## [Unreleased]";

export async function setVersion(): Promise<void> {
  const engine = published.find(({ name }) => name === "avtomatika") as (typeof published)[number];
  const former = readManifest(engine.folder).version;
  const changeset = join(root, "node_modules", "@changesets", "cli", "bin.js");
  await run(process.execPath, [changeset, "version"], { cwd: root });
  const { version } = readManifest(engine.folder);
  if (version === former) throw new Error("there is no changeset: npx changeset makes one");
  const changelog = join(root, "CHANGELOG.md");
  writeFileSync(changelog, closeChangelog(readFileSync(changelog, "utf8"), version, new Date()));
  await run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--loglevel=error"], { cwd: root });
  console.log(`version ${version}: read the changelog once more, then commit`);
}

/** What was unreleased becomes the version's. Throws if nothing was. */
export function closeChangelog(text: string, version: string, date: Date): string {
  const [before, after, ...more] = text.split(`${head}\n`);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`CHANGELOG.md: one heading "${head}" was expected`);
  }
  if (/^\s*(## |$)/.test(after)) throw new Error(`CHANGELOG.md says nothing under "${head}"`);
  return `${before}${head}\n\n## [${version}] - ${date.toISOString().slice(0, 10)}\n${after}`;
}

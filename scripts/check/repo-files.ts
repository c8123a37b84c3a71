import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One file of the repo: its path with `/`, from the root. */
export interface RepoFile {
  path: string;
  text: string;
}

const ignored = new Set([".git", "node_modules", "coverage", "dist", ".avtomatika"]);
const code = /\.(ts|tsx|js|mjs|lua)$/;

/** What stands in the root folder, without what git ignores. */
export function rootEntries(): string[] {
  return readdirSync(root).filter((name) => !ignored.has(name) && !name.endsWith(".log"));
}

/** The paths of every file below `folder`, sorted. */
export function listFiles(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !ignored.has(entry.name))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}

export function readCode(paths: readonly string[] = listFiles()): RepoFile[] {
  return paths
    .filter((path) => code.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Source, as opposed to tests: what the rules about layers and sizes are for. */
export function isSource(path: string): boolean {
  return /^packages\/[^/]+\/src\//.test(path);
}

/** Is that module the program, and not just imported? (`import.meta.main` is younger than our oldest Node.) */
export function isMain(url: string): boolean {
  return process.argv[1] === fileURLToPath(url);
}

/** Ends a check: prints the problems and fails, or prints the summary. */
export function report(problems: readonly string[], summary: string): void {
  for (const problem of problems) console.log(problem);
  if (summary !== "") console.log(summary);
  if (problems.length > 0) process.exitCode = 1;
}

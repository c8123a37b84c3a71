// What files may be called and what may not stand in them: see the habits in CONTRIBUTING.md.
import { parseSync } from "oxc-parser";
import { isMain, isSource, listFiles, type RepoFile, readCode, report, rootEntries } from "./repo-files.ts";

const maxRootEntries = 24;
const emptyNames = new Set(["utils", "util", "helpers", "helper", "common", "manager", "base", "types", "misc"]);
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

/** Ways to silence a checker, and whether a line that has one is allowed to. */
const silencers: { word: string; allowed: RegExp | undefined }[] = [
  { word: "ts-ignore", allowed: undefined },
  { word: "ts-nocheck", allowed: undefined },
  { word: "ts-expect-error", allowed: /ts-expect-error:? \S/ },
  { word: "biome-ignore", allowed: /biome-ignore(-\w+)? [\w/]+: \S/ },
  { word: "oxlint-disable", allowed: /oxlint-disable[\w-]* [\w/@, -]+ -- \S/ },
  { word: "eslint-disable", allowed: undefined },
];

if (isMain(import.meta.url)) {
  const paths = listFiles();
  report([...rootProblems(rootEntries()), ...nameProblems(paths), ...silencerProblems(readCode(paths))], "");
}

export function rootProblems(entries: readonly string[]): string[] {
  if (entries.length <= maxRootEntries) return [];
  return [`the root folder has ${entries.length} entries, ${maxRootEntries} are allowed: ${entries.join(", ")}`];
}

export function nameProblems(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const stem = name.split(".")[0] ?? "";
    const isCode = /\.(ts|tsx|js|mjs|lua)$/.test(name);
    if (isCode && emptyNames.has(stem)) return [`${path}: name the file after the one noun or verb it holds`];
    if (isSource(path) && isCode && !kebabCase.test(name)) return [`${path}: file names are kebab-case`];
    return [];
  });
}

/** Every way to silence a checker says why, and some are never allowed. */
export function silencerProblems(files: readonly RepoFile[]): string[] {
  return files
    .filter(({ path }) => !path.endsWith(".lua"))
    .flatMap(({ path, text }) =>
      parseSync(path, text).comments.flatMap((comment) => {
        const line = text.slice(0, comment.start).split("\n").length;
        return silencers
          .filter(({ word, allowed }) => comment.value.includes(word) && !allowed?.test(comment.value))
          .map(({ word, allowed }) => `${path}:${line}: ${word} ${allowed ? "needs a reason" : "is not allowed"}`);
      }),
    );
}

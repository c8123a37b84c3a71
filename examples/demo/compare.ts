// Does the published report agree with the direct computation?
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What direct.ts prints. */
export interface Direct {
  totals: Record<string, number>;
  digest: string;
  archive: { entries: number; wrong: string[] };
}

/** What the `publish` task wrote. */
interface Report {
  totals: Record<string, number>;
  files: { path: string; path_hex?: string; sha256?: string }[];
}

export function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

/** The figures side by side. */
export function figures(report: Report, direct: Direct): [string, string][] {
  const rows = Object.keys(direct.totals).map((name): [string, string] => {
    const [ours = "missing", theirs] = [figureOf(report, name), direct.totals[name]];
    return [name, String(ours).padStart(16) + String(theirs).padStart(16)];
  });
  const [ours, theirs] = [digestOf(report), direct.digest].map((digest) => digest.slice(0, 12).padStart(16));
  return [...rows, ["contents", `${ours}${theirs}`]];
}

/** In words; empty if there is none. */
export function differences(report: Report, direct: Direct): string[] {
  const wrong = Object.keys(direct.totals).filter((name) => figureOf(report, name) !== direct.totals[name]);
  const { entries, wrong: wrongEntries } = direct.archive;
  const problems = [
    ...wrong.map((name) => `${name}: the report says ${figureOf(report, name)}, directly it is ${direct.totals[name]}`),
    ...wrongEntries.map((name) => `the archive's ${name} is not what the folder holds`),
  ];
  if (digestOf(report) !== direct.digest) problems.push("contents: the hashes of the files differ");
  if (entries !== direct.totals["readable"]) problems.push(`the archive has ${entries} entries`);
  return problems.length === 0 ? [] : [...problems, "(did a file of the folder change during the run?)"];
}

/** `files` is counted in the report's own list. */
function figureOf({ totals, files }: Report, name: string): number | undefined {
  return name === "files" ? files.length : totals[name];
}

/** One hash of every path and content. */
function digestOf({ files }: Report): string {
  const lines = files
    .filter(({ sha256 }) => sha256 !== undefined)
    .map(({ path, path_hex, sha256 }) => `${path_hex ?? Buffer.from(path).toString("hex")} ${sha256}\n`)
    .sort();
  return createHash("sha256").update(lines.join("")).digest("hex");
}

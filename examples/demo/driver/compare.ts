// Does the published report agree with the direct computation?
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { outputOf } from "./process.ts";
import type { Processes } from "./processes.ts";

/** What direct.ts prints. */
interface Direct {
  totals: Record<string, number>;
  classes: Record<string, number>;
  digest: string;
  archive: { entries: number; wrong: string[] };
}

/** What the `publish` task wrote. */
interface Report {
  totals: Record<string, number>;
  classes: Record<string, number>;
  files: { path: string; path_hex?: string; sha256?: string }[];
}

const program = fileURLToPath(new URL("direct.ts", import.meta.url));

/** The same figures, from a process that knows nothing of ours; `args` are those of direct.ts. */
export async function computeDirectly(processes: Processes, args: readonly string[]): Promise<Direct> {
  return JSON.parse(await outputOf(processes.start("direct", [program, ...args]))) as Direct;
}

export function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

/** The figures side by side. */
export function figures(report: Report, direct: Direct): [string, string][] {
  const rows = Object.entries(expected(direct)).map(([name, figure]): [string, string] => {
    const ours = figureOf(report, name) ?? "missing";
    return [name, String(ours).padStart(16) + String(figure).padStart(16)];
  });
  const [ours, theirs] = [digestOf(report), direct.digest].map((digest) => digest.slice(0, 12).padStart(16));
  return [...rows, ["contents", `${ours}${theirs}`]];
}

/** In words; empty if there is none. */
export function differences(report: Report, direct: Direct): string[] {
  const wrong = Object.entries(expected(direct)).filter(([name, figure]) => figureOf(report, name) !== figure);
  const { entries, wrong: wrongEntries } = direct.archive;
  const problems = [
    ...wrong.map(([name, figure]) => `${name}: the report says ${figureOf(report, name)}, directly it is ${figure}`),
    ...wrongEntries.map((name) => `the archive's ${name} is not what the folder holds`),
  ];
  if (digestOf(report) !== direct.digest) problems.push("contents: the hashes of the files differ");
  if (entries !== direct.totals["readable"]) problems.push(`the archive has ${entries} entries`);
  return problems.length === 0 ? [] : [...problems, "(did a file of the folder change during the run?)"];
}

function expected({ totals, classes }: Direct): Record<string, number> {
  return { ...totals, ...classes };
}

/** `files` is counted in the report's own list. */
function figureOf({ totals, classes, files }: Report, name: string): number | undefined {
  return name === "files" ? files.length : (totals[name] ?? classes[name]);
}

/** One hash of every path and content. */
function digestOf({ files }: Report): string {
  const lines = files
    .filter(({ sha256 }) => sha256 !== undefined)
    .map(({ path, path_hex, sha256 }) => `${path_hex ?? Buffer.from(path).toString("hex")} ${sha256}\n`)
    .sort();
  return createHash("sha256").update(lines.join("")).digest("hex");
}

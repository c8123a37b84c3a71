// Files stay small: see the size rule in CONTRIBUTING.md.
import { isMain, isSource, type RepoFile, readCode, report } from "./repo-files.ts";

const maxMedian = 90;
const maxLines = 300;

if (isMain(import.meta.url)) {
  const { problems, summary } = sizeProblems(readCode().filter((file) => isSource(file.path)));
  report(problems, summary);
}

export function sizeProblems(files: readonly RepoFile[]): { problems: string[]; summary: string } {
  if (files.length === 0) return { problems: ["no source file found"], summary: "" };
  const sizes = files.map(({ path, text }) => ({ path, lines: countLines(text) })).sort((a, b) => b.lines - a.lines);
  const problems = sizes
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => `${path}: ${lines} lines, ${maxLines} are allowed; split it by subject`);
  const median = medianOf(sizes.map(({ lines }) => lines));
  if (median > maxMedian) problems.push(`the median file has ${median} lines, ${maxMedian} are allowed`);
  const largest = sizes.slice(0, 3).map(({ path, lines }) => `${path} ${lines}`);
  return { problems, summary: `${files.length} files, median ${median} lines, largest: ${largest.join(", ")}` };
}

function countLines(text: string): number {
  const lines = text.split("\n").length;
  return text.endsWith("\n") ? lines - 1 : lines;
}

function medianOf(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

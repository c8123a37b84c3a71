import { join } from "node:path";
import { write } from "../work-folder.ts";

interface Params {
  work: string;
  classes: Record<string, number>;
}

const row = 32;
const left = 120;
const width = 480;

/** Draws how many files of which size there are. Its status is what it drew: `drawn`, or `blank` if there is no file. */
export async function drawChart({ work, classes }: Params) {
  const most = Math.max(...Object.values(classes));
  if (most === 0) return { status: "blank" };
  const bars = Object.entries(classes).map(
    ([name, count], at) =>
      `  <text x="0" y="${at * row + 20}">${name}</text>\n` +
      `  <rect x="${left}" y="${at * row + 4}" width="${Math.round((count / most) * width)}" height="22"/>\n` +
      `  <text x="${left + width + 8}" y="${at * row + 20}">${count}</text>`,
  );
  const size = `width="${left + width + 80}" height="${bars.length * row}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif">\n${bars.join("\n")}\n</svg>\n`;
  await write(join(work, "chart.svg"), svg);
  return { status: "drawn", data: { bars: bars.length } };
}

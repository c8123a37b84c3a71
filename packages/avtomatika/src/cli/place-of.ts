import { readFileSync } from "node:fs";
import type { LoadedBlueprint } from "#cli/load-blueprints";

/** Where a blueprint stands: `file:line` of the line that names it; the file alone where none does. */
export function placeOf({ blueprint: { name }, file }: LoadedBlueprint): string {
  const at = readLines(file).findIndex((line) =>
    [`"${name}"`, `'${name}'`, `\`${name}\``].some((text) => line.includes(text)),
  );
  return at === -1 ? file : `${file}:${at + 1}`;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

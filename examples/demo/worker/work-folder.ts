// What the tasks of a job leave for each other. Any task may run twice at the same time (its first worker was thought
// lost, or an answer got lost): every file is written under a name of its own and renamed, so that it is whole or not there.
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Measure } from "./measure.ts";

/** A file that was measured, or why it couldn't be. Its path is latin1 text, since not every name is valid UTF-8. */
export type Row = { path: string } & (Measure | { error: string });

/** What was measured so far, in the order of the list. */
export function readRows(work: string): Row[] {
  return listParts(work, "rows").flatMap((file) => JSON.parse(readFileSync(file, "utf8")) as Row[]);
}

/** Those that could be read. */
export function measuredOf(rows: readonly Row[]): ({ path: string } & Measure)[] {
  return rows.filter((row): row is { path: string } & Measure => !("error" in row));
}

/** What the tasks of the fan-out wrote into a folder, in the order of the list. */
export function listParts(work: string, folder: string): string[] {
  const path = join(work, folder);
  if (!existsSync(path)) return [];
  // What was not renamed is the rest of an interrupted task.
  return readdirSync(path)
    .filter((name) => /^\d+\.\w+$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

export function write(file: string, text: string): Promise<void> {
  return replace(file, (path) => writeFile(path, text));
}

export async function replace(file: string, fill: (path: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const path = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    await fill(path);
    await rename(path, file);
  } finally {
    await rm(path, { force: true });
  }
}

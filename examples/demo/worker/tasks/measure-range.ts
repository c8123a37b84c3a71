import { createReadStream, existsSync, readFileSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join as joinText } from "node:path";
import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import { goFile } from "../../go-file.ts";
import { type Measure, measure } from "../measure.ts";
import { entryHeader, padding } from "../tar-entry.ts";
import { join } from "../walk.ts";
import { measuredOf, type Row, replace, write } from "../work-folder.ts";

interface Params {
  folder: string;
  work: string;
  from: number;
  to: number;
  /** Not before the driver has killed the engine. */
  hold: boolean;
}

/** Measures a part of the list. Rows and a piece of the archive go to the work folder, only sums into the result. */
export async function measureRange({ folder, work, from, to, hold }: Params, signal: AbortSignal) {
  while (hold && !existsSync(joinText(work, goFile))) await pause(20, undefined, { signal });
  const name = String(from).padStart(9, "0");
  const rows: Row[] = [];
  await replace(joinText(work, "parts", `${name}.tar`), async (part) => {
    const output = await open(part, "w");
    try {
      for (const path of readList(work).slice(from, to)) {
        signal.throwIfAborted();
        rows.push(await measureInto(output, folder, path, `${part}.gz`));
        await breathe();
      }
    } finally {
      await output.close();
    }
  });
  await write(joinText(work, "rows", `${name}.json`), JSON.stringify(rows));
  return sumUp(rows);
}

async function measureInto(output: FileHandle, folder: string, path: string, spare: string): Promise<Row> {
  const bytes = Buffer.from(path, "latin1");
  try {
    const { measure: found, compressed } = await measure(join(Buffer.from(folder), bytes), spare);
    await output.write(entryHeader(Buffer.concat([bytes, Buffer.from(".gz")]), found.gzip_bytes));
    if (Buffer.isBuffer(compressed)) await output.write(compressed);
    else for await (const chunk of createReadStream(compressed.file)) await output.write(chunk as Buffer);
    await output.write(padding(found.gzip_bytes));
    return { path, ...found };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { path, error: code ?? message };
  } finally {
    await rm(spare, { force: true });
  }
}

function sumUp(rows: readonly Row[]) {
  const measured = measuredOf(rows);
  const total = (of: (row: Measure) => number) => measured.reduce((sum, row) => sum + of(row), 0);
  return {
    readable: measured.length,
    unreadable: rows.length - measured.length,
    text: total(({ kind }) => (kind === "text" ? 1 : 0)),
    binary: total(({ kind }) => (kind === "binary" ? 1 : 0)),
    bytes: total(({ bytes }) => bytes),
    lines: total(({ lines }) => lines),
    words: total(({ words }) => words),
    gzip_bytes: total((row) => row.gzip_bytes),
  };
}

const lists = new Map<string, string[]>();

function readList(work: string): string[] {
  const known = lists.get(work);
  if (known !== undefined) return known;
  const list = JSON.parse(readFileSync(joinText(work, "list.json"), "utf8")) as string[];
  lists.set(work, list);
  return list;
}

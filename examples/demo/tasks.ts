// What the demo's workers can do. Any task may run twice at the same time (its first worker was thought lost, or an
// answer got lost): every file is written under a name of its own and renamed, so that it is whole or not there.
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join as joinText } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import { type Measure, measure } from "./measure.ts";
import { archiveEnd, entryHeader, padding } from "./tar-entry.ts";
import { join, walk } from "./walk.ts";

/** The driver makes it once the engine is dead. */
export const goFile = "go";

interface Place {
  folder: string;
  work: string;
}

/** A file that was measured, or why it couldn't be. */
type Row = { path: string } & (Measure | { error: string });

// biome-ignore lint/suspicious/noExplicitAny: params are JSON, and each task knows its own
export const tasks: Record<string, (params: any) => Promise<object>> = {
  list_files: listFiles,
  measure: measureRange,
  write_archive: writeArchive,
  publish,
};

async function listFiles({ folder, work, leaveOut }: Place & { leaveOut: string[] }): Promise<object> {
  const { files, ...list } = walk(Buffer.from(folder), leaveOut, Buffer.from(dirname(work)));
  await write(joinText(work, "list.json"), JSON.stringify(files.map((path) => path.toString("latin1"))));
  return { files: files.length, list };
}

interface Range extends Place {
  from: number;
  to: number;
  hold: boolean;
}

/** The rows and the archive's part go to the work folder, only sums into the result. */
async function measureRange({ folder, work, from, to, hold }: Range): Promise<object> {
  while (hold && !existsSync(joinText(work, goFile))) await pause(20);
  const name = String(from).padStart(9, "0");
  const rows: Row[] = [];
  await replace(joinText(work, "parts", `${name}.tar`), async (part) => {
    const output = await open(part, "w");
    try {
      for (const path of readList(work).slice(from, to)) {
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

async function measureInto(
  output: Awaited<ReturnType<typeof open>>,
  folder: string,
  path: string,
  spare: string,
): Promise<Row> {
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

function sumUp(rows: readonly Row[]): object {
  const measured = rows.filter((row): row is { path: string } & Measure => !("error" in row));
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

/** The parts are pieces of one tar archive already. */
async function writeArchive({ work }: Place): Promise<object> {
  const parts = listOf(work, "parts");
  const file = joinText(work, "archive.tar");
  await replace(file, async (path) => {
    const pieces = async function* () {
      for (const part of parts) yield* createReadStream(part);
      yield archiveEnd;
    };
    await pipeline(Readable.from(pieces()), createWriteStream(path));
  });
  const entries = readRows(work).filter((row) => !("error" in row)).length;
  return { archive_bytes: (await stat(file)).size, entries };
}

interface Publication extends Place {
  output: string;
  totals: Record<string, number>;
}

async function publish({ folder, work, output, totals }: Publication): Promise<object> {
  const [report, archive] = [joinText(output, "report.json"), joinText(output, "archive.tar")];
  await replace(archive, (path) => copyFile(joinText(work, "archive.tar"), path));
  await write(report, `${JSON.stringify({ folder, totals, files: readRows(work).map(readable) }, null, 1)}\n`);
  return { report, archive };
}

/** With the name as text; `path_hex` is there where its bytes are no UTF-8. */
function readable({ path, ...row }: Row): object {
  const bytes = Buffer.from(path, "latin1");
  const text = bytes.toString();
  return { path: text, ...(!Buffer.from(text).equals(bytes) && { path_hex: bytes.toString("hex") }), ...row };
}

function readRows(work: string): Row[] {
  return listOf(work, "rows").flatMap((file) => JSON.parse(readFileSync(file, "utf8")) as Row[]);
}

function listOf(work: string, folder: string): string[] {
  const path = joinText(work, folder);
  if (!existsSync(path)) return [];
  // What was not renamed is the rest of an interrupted task.
  return readdirSync(path)
    .filter((name) => /^\d+\.\w+$/.test(name))
    .sort()
    .map((name) => joinText(path, name));
}

const lists = new Map<string, string[]>();

function readList(work: string): string[] {
  const known = lists.get(work);
  if (known !== undefined) return known;
  const list = JSON.parse(readFileSync(joinText(work, "list.json"), "utf8")) as string[];
  lists.set(work, list);
  return list;
}

function write(file: string, text: string): Promise<void> {
  return replace(file, (path) => writeFile(path, text));
}

async function replace(file: string, fill: (path: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const path = joinText(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    await fill(path);
    await rename(path, file);
  } finally {
    await rm(path, { force: true });
  }
}

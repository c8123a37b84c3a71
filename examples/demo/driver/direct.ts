// The same figures without the engine: one process, one loop, nothing of ours imported. It also reads the archive back.
// Arguments: the folder, names of folders to leave out (JSON), the folder of the demo itself, the archive.
// Prints { totals, classes, digest, archive: { entries, wrong } } as JSON.
import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip, gunzipSync, gzipSync } from "node:zlib";

const [folder = "", leaveOut = "[]", own = "", archive = ""] = process.argv.slice(2);
const names: string[] = JSON.parse(leaveOut);
const chunk = Buffer.alloc(16 * 1024 * 1024);

const totals = {
  files: 0,
  folders: 0,
  links: 0,
  others: 0,
  unreadable_folders: 0,
  readable: 0,
  unreadable: 0,
  text: 0,
  binary: 0,
  bytes: 0,
  lines: 0,
  words: 0,
  gzip_bytes: 0,
};
/** How many files of which size. */
const classes = { empty: 0, "up to 1 KiB": 0, "up to 32 KiB": 0, "up to 1 MiB": 0, larger: 0 };
/** Hashes of contents by path in latin1. */
const hashes = new Map<string, string>();

await visit("");
const lines = [...hashes].map(([path, hash]) => `${Buffer.from(path, "latin1").toString("hex")} ${hash}\n`).sort();
const digest = createHash("sha256").update(lines.join("")).digest("hex");
console.log(JSON.stringify({ totals, classes, digest, archive: readArchive() }));

/** `inside` is a path in latin1: "" or one that ends with a slash. */
async function visit(inside: string): Promise<void> {
  for (const entry of list(inside)) {
    const path = inside + entry.name.toString("latin1");
    if (entry.isFile()) await add(path);
    else if (entry.isSymbolicLink()) totals.links++;
    else if (!entry.isDirectory()) totals.others++;
    else if (!isLeftOut(path, entry.name.toString())) {
      totals.folders++;
      await visit(`${path}/`);
    }
  }
}

function list(inside: string) {
  try {
    return readdirSync(bytesOf(inside), { withFileTypes: true, encoding: "buffer" });
  } catch {
    totals.unreadable_folders++;
    return [];
  }
}

function isLeftOut(path: string, name: string): boolean {
  return names.includes(name) || bytesOf(path).equals(Buffer.from(own));
}

function bytesOf(inside: string): Buffer {
  return Buffer.from(`${Buffer.from(folder).toString("latin1")}/${inside}`, "latin1");
}

async function add(path: string): Promise<void> {
  totals.files++;
  let file: number;
  try {
    file = openSync(bytesOf(path), "r");
  } catch {
    totals.unreadable++;
    return;
  }
  try {
    await count(path, file);
  } finally {
    closeSync(file);
  }
}

async function count(path: string, file: number): Promise<void> {
  const hash = createHash("sha256");
  let [bytes, lineFeeds, words] = [0, 0, 0];
  let isBinary = false;
  let endsInWord = false;
  for (let piece = next(file); piece.length > 0; piece = next(file)) {
    hash.update(piece);
    if (bytes === 0) isBinary = piece.subarray(0, 8000).includes(0);
    bytes += piece.length;
    if (isBinary) continue;
    const text = piece.toString("latin1");
    lineFeeds += text.split("\n").length - 1;
    words += text.match(/[^ \t\n\v\f\r]+/g)?.length ?? 0;
    // A word that goes on was counted twice.
    if (endsInWord && /^[^ \t\n\v\f\r]/.test(text)) words--;
    endsInWord = /[^ \t\n\v\f\r]$/.test(text);
  }
  totals.readable++;
  totals[isBinary ? "binary" : "text"]++;
  classes[classOf(bytes)]++;
  totals.bytes += bytes;
  totals.lines += isBinary ? 0 : lineFeeds;
  totals.words += isBinary ? 0 : words;
  totals.gzip_bytes += await gzipSize(path, bytes);
  hashes.set(path, hash.digest("hex"));
}

function classOf(bytes: number): keyof typeof classes {
  if (bytes === 0) return "empty";
  if (bytes <= 1024) return "up to 1 KiB";
  if (bytes <= 32_768) return "up to 32 KiB";
  return bytes <= 1_048_576 ? "up to 1 MiB" : "larger";
}

/** What follows in the file, up to a whole chunk; valid until the next call. */
function next(file: number): Buffer {
  let filled = 0;
  while (filled < chunk.length) {
    const got = readSync(file, chunk, filled, chunk.length - filled, null);
    if (got === 0) break;
    filled += got;
  }
  return chunk.subarray(0, filled);
}

async function gzipSize(path: string, bytes: number): Promise<number> {
  if (bytes <= chunk.length) {
    const file = openSync(bytesOf(path), "r");
    const content = next(file);
    closeSync(file);
    return gzipSync(content).length;
  }
  let size = 0;
  await pipeline(createReadStream(bytesOf(path)), createGzip(), async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) size += piece.length;
  });
  return size;
}

/** Every entry must unpack to the content that was hashed above. */
function readArchive(): { entries: number; wrong: string[] } {
  if (archive === "") return { entries: 0, wrong: [] };
  const file = openSync(archive, "r");
  const size = fstatSync(file).size;
  const wrong: string[] = [];
  let [at, entries] = [0, 0];
  let longName: string | null = null;
  const take = (length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, at);
    at += Math.ceil(length / 512) * 512;
    return bytes;
  };
  while (at < size) {
    const header = take(512);
    if (header[0] === 0) break;
    const length = Number.parseInt(header.toString("latin1", 124, 135), 8);
    const content = take(length);
    if (header.toString("latin1", 156, 157) === "L") {
      longName = content.toString("latin1", 0, length - 1);
      continue;
    }
    const name = longName ?? header.toString("latin1", 0, header.indexOf(0));
    longName = null;
    entries++;
    if (!isRight(name, content)) wrong.push(JSON.stringify(name));
  }
  closeSync(file);
  return { entries, wrong };
}

function isRight(name: string, content: Buffer): boolean {
  const expected = hashes.get(name.replace(/\.gz$/, ""));
  try {
    return expected === createHash("sha256").update(gunzipSync(content)).digest("hex");
  } catch {
    return false;
  }
}

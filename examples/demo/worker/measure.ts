// Measures one file: its hash, what it holds, and how small it gets.
import { createHash } from "node:crypto";
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";

export interface Measure {
  sha256: string;
  kind: "text" | "binary";
  bytes: number;
  /** Line feeds of a text; 0 of a binary file. */
  lines: number;
  /** Runs of bytes that are no ASCII white space, of a text. */
  words: number;
  gzip_bytes: number;
}

/** The compressed content: in memory, or in the file given to `measure`. */
export type Compressed = Buffer | { file: string };

/** Files up to this size are read at once. */
const smallBytes = 8 * 1024 * 1024;
/** A NUL byte in so many bytes at the beginning makes a file binary. */
const headBytes = 8000;

/** `spare` is a path for the compressed content of a large file. Throws what the file system throws. */
export async function measure(path: Buffer, spare: string): Promise<{ measure: Measure; compressed: Compressed }> {
  const content = readSmall(path);
  const count = new Count();
  if (content !== null) {
    count.add(content);
    const compressed = gzipSync(content);
    return { measure: count.measure(compressed.length), compressed };
  }
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      count.add(chunk);
      yield chunk;
    }
  };
  await pipeline(createReadStream(path), counted, createGzip(), createWriteStream(spare));
  return { measure: count.measure(statSync(spare).size), compressed: { file: spare } };
}

function readSmall(path: Buffer): Buffer | null {
  const file = openSync(path, "r");
  try {
    return fstatSync(file).size > smallBytes ? null : readFileSync(file);
  } finally {
    closeSync(file);
  }
}

class Count {
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #lines = 0;
  #words = 0;
  #isInWord = false;
  #isBinary = false;

  add(chunk: Buffer): void {
    this.#hash.update(chunk);
    if (this.#bytes < headBytes) this.#isBinary ||= chunk.subarray(0, headBytes - this.#bytes).includes(0);
    this.#bytes += chunk.length;
    if (!this.#isBinary) this.#read(chunk);
  }

  #read(chunk: Buffer): void {
    for (const byte of chunk) {
      const isSpace = byte === 32 || (byte >= 9 && byte <= 13);
      if (byte === 10) this.#lines += 1;
      if (!isSpace && !this.#isInWord) this.#words += 1;
      this.#isInWord = !isSpace;
    }
  }

  measure(gzipBytes: number): Measure {
    return {
      sha256: this.#hash.digest("hex"),
      kind: this.#isBinary ? "binary" : "text",
      bytes: this.#bytes,
      lines: this.#isBinary ? 0 : this.#lines,
      words: this.#isBinary ? 0 : this.#words,
      gzip_bytes: gzipBytes,
    };
  }
}

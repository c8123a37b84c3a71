import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { archiveEnd } from "../tar-entry.ts";
import { listParts, measuredOf, readRows, replace } from "../work-folder.ts";

/** The parts are pieces of one tar archive already. */
export async function writeArchive({ work }: { work: string }) {
  const file = join(work, "archive.tar");
  await replace(file, async (path) => {
    const pieces = async function* () {
      for (const part of listParts(work, "parts")) yield* createReadStream(part);
      yield archiveEnd;
    };
    await pipeline(Readable.from(pieces()), createWriteStream(path));
  });
  return { archive_bytes: (await stat(file)).size, written: measuredOf(readRows(work)).length };
}

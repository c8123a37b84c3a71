import { dirname, join } from "node:path";
import { walk } from "../walk.ts";
import { write } from "../work-folder.ts";

interface Params {
  folder: string;
  work: string;
  leaveOut: string[];
}

/** Writes the list of all files; only the counts go into the result. */
export async function listFiles({ folder, work, leaveOut }: Params) {
  const { files, ...list } = walk(Buffer.from(folder), leaveOut, Buffer.from(dirname(work)));
  await write(join(work, "list.json"), JSON.stringify(files.map((path) => path.toString("latin1"))));
  return { files: files.length, list };
}

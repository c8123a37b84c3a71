import { existsSync, statSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { PermanentError } from "@avtomatika/worker";
import { type Row, readRows, replace, write } from "../work-folder.ts";

interface Params {
  folder: string;
  work: string;
  output: string;
  totals: Record<string, number>;
  classes: Record<string, number>;
}

/** Another attempt wouldn't make a folder appear: what isn't there is for an operator. */
export async function publish({ folder, work, output, totals, classes }: Params) {
  if (!statSync(output, { throwIfNoEntry: false })?.isDirectory()) {
    throw new PermanentError(`there is no folder ${output}`);
  }
  const published: Record<string, string> = { report: join(output, "report.json") };
  for (const [name, file] of Object.entries({ archive: "archive.tar", chart: "chart.svg" })) {
    const [from, to] = [join(work, file), join(output, file)];
    if (!existsSync(from)) continue;
    await replace(to, (path) => copyFile(from, path));
    published[name] = to;
  }
  const report = { folder, totals, classes, files: readRows(work).map(readable) };
  await write(join(output, "report.json"), `${JSON.stringify(report, null, 1)}\n`);
  return { published };
}

/** With the name as text; `path_hex` is there where its bytes are no UTF-8. */
function readable({ path, ...row }: Row): object {
  const bytes = Buffer.from(path, "latin1");
  const text = bytes.toString();
  return { path: text, ...(!Buffer.from(text).equals(bytes) && { path_hex: bytes.toString("hex") }), ...row };
}

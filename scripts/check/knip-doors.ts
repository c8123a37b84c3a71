// A preprocessor for knip. The package's `internal/*` export makes every source file an entry, so knip is told to judge
// the exports of entries too; then it calls unused what only the public doors (src/*.ts) re-export. Those are let off here.

import type { Preprocessor } from "knip";
import { parseSync } from "oxc-parser";
import { listFiles, readCode } from "./repo-files.ts";

const source = "packages/avtomatika/src";

const letOffPublicNames: Preprocessor = (report) => {
  const published = publishedNames();
  for (const kind of ["exports", "types", "nsExports", "nsTypes"] as const) {
    for (const [file, symbols] of Object.entries(report.issues[kind])) {
      for (const symbol of Object.keys(symbols)) {
        if (!published.has(`${file} ${symbol}`)) continue;
        delete symbols[symbol];
        report.counters[kind]--;
      }
    }
  }
  return report;
};
export default letOffPublicNames;

/** Every name that a door re-exports, as `file name`. */
function publishedNames(): Set<string> {
  const doors = listFiles(source).filter((path) => path.split("/").length === 4);
  const entries = readCode(doors).flatMap(({ path, text }) =>
    parseSync(path, text).module.staticExports.flatMap((statement) => statement.entries),
  );
  return new Set(
    entries
      .filter((entry) => entry.moduleRequest !== null)
      .map((entry) => `${source}/${entry.moduleRequest?.value.slice(1)}.ts ${entry.importName.name}`),
  );
}

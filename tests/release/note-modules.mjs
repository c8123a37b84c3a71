// Loaded with --import: at the exit it writes what was loaded, one URL a line, into the file of NOTE_MODULES.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const urls = new Set();
registerHooks({
  load(url, context, nextLoad) {
    urls.add(url);
    return nextLoad(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env.NOTE_MODULES, [...urls].join("\n")));

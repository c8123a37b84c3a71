// npm run demo [-- FOLDER]
import { join } from "node:path";
import { ensure, root } from "./ensure.mjs";
import { handOver } from "./hand-over.mjs";

await ensure();
const demo = join(root, "examples", "demo", "main.ts");
process.exitCode = await handOver(process.execPath, [
  "--disable-warning=ExperimentalWarning",
  demo,
  ...process.argv.slice(2),
]);

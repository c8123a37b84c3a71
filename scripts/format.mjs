// npm run format: lays out every file and applies the safe fixes.
import { join } from "node:path";
import { ensure, root } from "./ensure.mjs";
import { handOver } from "./hand-over.mjs";

await ensure();
process.exitCode = await handOver(join(root, "node_modules", ".bin", "biome"), ["check", "--write", "."], {
  cwd: root,
});

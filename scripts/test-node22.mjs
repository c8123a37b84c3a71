// npm run test:node22 [-- PATTERN]: the unit tests on the oldest Node that is supported, which npm brings.
import { join } from "node:path";
import { ensure, root } from "./ensure.mjs";
import { handOver } from "./hand-over.mjs";

await ensure();
const { oldestNode } = await import("./release/nodes.ts");
const { version, env } = await oldestNode();
console.log(`Node ${version}`);
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = [vitest, "run", "--project", "packages", ...process.argv.slice(2)];
process.exitCode = await handOver("node", args, { cwd: root, env });

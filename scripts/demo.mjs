// npm run demo [-- FOLDER] [--storage sqlite|redis]
import { join } from "node:path";
import { ensure, root } from "./ensure.mjs";
import { ensureRedis } from "./ensure-redis.mjs";
import { handOver } from "./hand-over.mjs";

const args = process.argv.slice(2);
await ensure();
if (/(^|=)--storage=redis(=|$)/.test(args.join("="))) ensureRedis();
const demo = join(root, "examples", "demo", "main.ts");
process.exitCode = await handOver(process.execPath, ["--disable-warning=ExperimentalWarning", demo, ...args]);

// publint and attw: do exports, files and types of a tarball agree, for whoever imports it?
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { Packed } from "./pack.ts";
import { root, stageFolder } from "./packages.ts";
import { tryRun } from "./run.ts";

export async function shapeProblems(packed: readonly Packed[]): Promise<string[]> {
  const each = packed.map(async (one) => [...(await byPublint(one)), ...(await byAttw(one))]);
  return (await Promise.all(each)).flat();
}

async function byPublint({ name }: Packed): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: join(stageFolder, name), pack: "npm", strict: true });
  return messages.map((message) => `${name}: publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** The profile leaves out what can't hold for a package of ES modules: Node 10, and `require` before Node 22. */
async function byAttw({ name, path }: Packed): Promise<string[]> {
  const attw = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
  const args = [
    attw,
    path,
    "--profile",
    "esm-only",
    "--format",
    "ascii",
    "--no-color",
    "--no-emoji",
    "--no-definitely-typed",
  ];
  const { code, stdout, stderr } = await tryRun(process.execPath, args);
  return code === 0 ? [] : [`${name}: attw:\n${stdout}${stderr}`];
}

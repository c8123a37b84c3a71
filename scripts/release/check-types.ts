// The declarations, for somebody who has nothing but the package: each alone in a folder, strict, libraries checked too.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { consumerFolder, emptyFolder, installLocked } from "./install.ts";
import type { Node } from "./nodes.ts";
import type { Packed } from "./pack.ts";
import { readManifest, root, stageFolder } from "./packages.ts";
import { tryRun } from "./run.ts";

/** Where TypeScript looks for modules: as Node does, and as bundlers do. */
const resolutions = {
  node16: { module: "node16" },
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
};

/** What is compiled beside each package. */
const programs: Record<string, string[]> = {
  avtomatika: ["flow.ts", "virtual-time.ts"],
  "@avtomatika/protocol": ["contract.ts"],
  "@avtomatika/worker": ["worker.ts"],
  "@avtomatika/client": ["client.ts"],
};

export async function typeProblems(packed: readonly Packed[], node: Node): Promise<string[]> {
  const problems: string[] = [];
  for (const one of packed) {
    const folder = emptyFolder("types");
    try {
      await installLocked(folder, withItsOwn(one, packed), node.env);
      for (const name of programs[one.name] ?? []) {
        writeFileSync(join(folder, name), readFileSync(join(consumerFolder, name), "utf8"));
      }
      for (const [resolution, options] of Object.entries(resolutions)) {
        problems.push(...(await check(folder, options)).map((line) => `${one.name}, ${resolution}: ${line}`));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return problems;
}

/** The package and those of ours that it depends on. */
function withItsOwn(one: Packed, packed: readonly Packed[]): Packed[] {
  const { dependencies = {} } = readManifest(join(stageFolder, one.name));
  return packed.filter((each) => each === one || each.name in dependencies);
}

/** One line for each thing that is wrong in the program or in a declaration of ours; those of others are theirs. */
async function check(folder: string, options: object): Promise<string[]> {
  const compilerOptions = {
    ...options,
    target: "es2024",
    lib: ["es2024"],
    types: [],
    strict: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { code, stdout } = await tryRun(process.execPath, [tsc, "--pretty", "false", "-p", folder], { cwd: folder });
  const lines = stdout.split("\n").filter((line) => /error TS\d+/.test(line));
  if (code !== 0 && lines.length === 0) return [`tsc ended with ${code}: ${stdout}`];
  return lines.filter((line) => !/^node_modules\/(?!avtomatika\/|@avtomatika\/)/.test(line));
}

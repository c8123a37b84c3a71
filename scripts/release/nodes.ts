// The Node versions that a release is tried on: the oldest we promise, and the one of this repo.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./packages.ts";
import { run } from "./run.ts";

export interface Node {
  version: string;
  /** With this Node, and its npm's programs, first. */
  env: NodeJS.ProcessEnv;
}

const oldest = "22.19.0";

/** Installs the oldest one into a cache, once. Each is asked what it is. */
export async function findNodes(): Promise<Node[]> {
  return [await oldestNode(), await thisNode()];
}

export function thisNode(): Promise<Node> {
  return nodeIn(join(process.execPath, ".."));
}

export async function oldestNode(): Promise<Node> {
  const folder = join(root, "node_modules", ".cache", `node-${oldest}`);
  const name = `node-${process.platform}-${process.arch}`;
  const bin = join(folder, "node_modules", name, "bin");
  if (!existsSync(join(bin, "node"))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    // The package `node` needs an install script; this one has the program in itself.
    const args = [
      "install",
      "--save-exact",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `${name}@${oldest}`,
    ];
    await run("npm", args, { cwd: folder, timeout: 300_000 });
  }
  const node = await nodeIn(bin);
  if (node.version !== `v${oldest}`) throw new Error(`${bin} has Node ${node.version}, v${oldest} was expected`);
  return node;
}

async function nodeIn(folder: string): Promise<Node> {
  const path = [folder, ...outsideOfRepo()].join(delimiter);
  // What npm and this run hand to their children would make the next npm work on this repo.
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|INIT_CWD)/i.test(name));
  const env = { ...Object.fromEntries(kept), PATH: path };
  const { stdout } = await run("node", ["--version"], { env });
  return { version: stdout.trim(), env };
}

function outsideOfRepo(): string[] {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, "node_modules")));
}

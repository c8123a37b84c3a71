// The tarballs at work: what the README promises, and a user's own programs, in a folder of their own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dependency } from "./closure.ts";
import { consumerFolder, emptyFolder, install } from "./install.ts";
import type { Node } from "./nodes.ts";
import type { Packed } from "./pack.ts";
import { root } from "./packages.ts";
import { blocksOf, fill, runCurlBlocks } from "./readme.ts";
import { run } from "./run.ts";

type Installed = Pick<Dependency, "name" | "version" | "license">;

/** Installs them and tries everything. Rejects with what went wrong; answers what the install brought. */
export async function tryPackages(packed: readonly Packed[], node: Node, options: string[]): Promise<Installed[]> {
  const folder = emptyFolder("release");
  try {
    await install(folder, packed, node, options);
    cpSync(consumerFolder, folder, { recursive: true });
    const at = {
      cwd: folder,
      env: { ...node.env, CLIENT_TOKEN: "client-secret", GLOBAL_WORKER_TOKEN: "worker-secret" },
    };
    await tryReadme(at);
    await tryCommandLine(at);
    for (const program of ["virtual-time.ts", "contract.ts"]) quiet(program, await run("node", [program], at));
    return installedIn(folder, packed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  cwd: string;
  env: NodeJS.ProcessEnv;
}

async function tryReadme(at: Place): Promise<void> {
  const blocks = blocksOf(readFileSync(join(root, "README.md"), "utf8"));
  const { printed, told } = await runCurlBlocks(blocks, at);
  assert.ok(told.length > 5, "the README has fewer steps than it had");
  assert.deepEqual(printed, told);
  const first = blocks.findIndex(({ language }) => language === "ts");
  writeFileSync(join(at.cwd, "first.ts"), blocks[first]?.text ?? "");
  const output = await run("node", ["first.ts"], at);
  quiet("first.ts", output);
  const last: unknown = JSON.parse(output.stdout.trim().split("\n").at(-1) ?? "");
  assert.deepEqual(last, fill(JSON.parse(blocks[first + 1]?.text ?? ""), last));
}

/** `npx avtomatika start flow.ts`, a worker and a client at it, and an end in good order. */
async function tryCommandLine(at: Place): Promise<void> {
  const command = ["--no", "avtomatika", "start", "flow.ts", "--host", "127.0.0.1", "--port", "0"];
  const child = spawn("npx", command, { ...at, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const output = { stdout: "", stderr: "" };
  const ended = new Promise<number | string | null>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const listens = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text;
      if (output.stdout.includes("\n")) resolve();
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  try {
    await Promise.race([listens, ended]);
    assert.match(output.stdout, /^http:\/\/127\.0\.0\.1:\d+\n$/, output.stderr);
    quiet("round-trip.ts", await run("node", ["round-trip.ts", output.stdout.trim()], at));
    const asked = await run("npx", ["--no", "avtomatika", "validate", "flow.ts"], at);
    assert.match(asked.stdout, /blueprint "order" is valid/);
  } finally {
    // The whole group, as a terminal does: npx has a shell between itself and the program.
    process.kill(-(child.pid ?? 0), "SIGTERM");
    await ended;
  }
  quiet("avtomatika start", output);
  assert.match(output.stderr, /stopped/, "the engine didn't stop in good order");
}

/** Node 22 calls things that we rely on experimental; nobody should have to read that at each start. */
function quiet(what: string, { stderr }: { stderr: string }): void {
  assert.doesNotMatch(stderr, /Warning/, `${what} warns`);
}

function installedIn(folder: string, packed: readonly Packed[]): Installed[] {
  const text = readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, { version: string; license?: string }> };
  return Object.entries(packages)
    .map(([path, { version, license = "none" }]) => ({ name: path.replace(/^.*node_modules\//, ""), version, license }))
    .filter(({ name }) => !packed.some((one) => one.name === name));
}

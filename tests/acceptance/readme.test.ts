// README.md does what it says: its `bash` blocks are run as they stand, one shell after the other's state, and what
// each prints is held against the `json` block that follows; its `ts` block is checked and run as a program of its own.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

interface Block {
  language: string;
  text: string;
}

const repo = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(repo, "README.md"), "utf8");
const blocks: Block[] = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));
const run = promisify(execFile);
const separator = "--- end of a block ---";
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-readme-"));
  // As in a clone: the blocks call programs by node_modules/.bin.
  symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"), "dir");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the five minutes with curl", { timeout: 60_000 }, async () => {
  const steps = blocks.flatMap((block, at) => (block.language === "bash" ? [{ block, next: blocks[at + 1] }] : []));
  expect(steps.length).toBeGreaterThan(5);
  const outputs = await runBash(steps.map(({ block }) => block.text));
  expect(outputs).toHaveLength(steps.length);
  for (const [at, { next }] of steps.entries()) {
    if (next?.language === "json") expectLike(JSON.parse(outputs[at] ?? ""), JSON.parse(next.text));
  }
  expect(existsSync(join(folder, "hello"))).toBe(false);
});

test("the first program is well typed, and its last line is as told", { timeout: 60_000 }, async () => {
  const at = blocks.findIndex(({ language }) => language === "ts");
  const [program, expected] = blocks.slice(at, at + 2) as [Block, Block];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "first.ts"), program.text);
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", "node"];
  const tsc = run(join(repo, "node_modules/.bin/tsc"), [...flags, "first.ts"], { cwd: folder });
  expect(await tsc.catch((error) => error)).toMatchObject({ stdout: "" });
  const { stdout } = await run(process.execPath, ["first.ts"], { cwd: folder });
  expectLike(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""), JSON.parse(expected.text));
});

test("every local link leads somewhere", () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((path) => !existsSync(join(repo, path)))).toEqual([]);
});

/** Runs all blocks in one shell that stops at the first fault; answers what each printed. */
function runBash(texts: readonly string[]): Promise<string[]> {
  const script = texts.map((text) => `${text}\necho\necho "${separator}"\n`).join("");
  return new Promise((resolve, reject) => {
    const shell = spawn("bash", ["-euo", "pipefail"], { cwd: folder, stdio: ["pipe", "pipe", "pipe"], detached: true });
    let [output, errors] = ["", ""];
    shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    shell.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    shell.once("error", reject);
    shell.once("exit", (code) => {
      // A block that failed may leave its engine.
      if (code !== 0) process.kill(-(shell.pid ?? 0), "SIGKILL");
      if (code === 0) resolve(output.split(`${separator}\n`).slice(0, -1));
      else reject(new Error(`bash ended with ${code}\n${output}\n${errors}`));
    });
    shell.stdin.end(script);
  });
}

/** "…" stands for what differs from run to run. */
function expectLike(actual: unknown, expected: unknown): void {
  expect(fill(expected, actual)).toEqual(actual);
}

function fill(expected: unknown, actual: unknown): unknown {
  if (expected === "…" && actual !== undefined && actual !== "") return actual;
  if (typeof expected !== "object" || expected === null) return expected;
  const fields = actual as Record<string, unknown>;
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, fill(value, fields[key])]));
}

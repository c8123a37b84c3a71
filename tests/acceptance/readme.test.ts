// README.md does what it says: its `bash` blocks are run as they stand, one shell after the other's state, and what
// each prints is held against the `json` block that follows; its `ts` block is checked and run as a program of its own.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Block, blocksOf, fill, runCurlBlocks } from "../../scripts/release/readme.ts";

const repo = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(repo, "README.md"), "utf8");
const blocks = blocksOf(readme);
const run = promisify(execFile);
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-readme-"));
  // As in a clone: the blocks call programs by node_modules/.bin.
  symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"), "dir");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the five minutes with curl", { timeout: 60_000 }, async () => {
  const { printed, told } = await runCurlBlocks(blocks, { cwd: folder });
  expect(told.length).toBeGreaterThan(5);
  expect(printed).toEqual(told);
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

test.each([
  ["a text for a number", "…", 3, "…"],
  ["a text for an empty one", "…", "", "…"],
  ["a text for one that isn't there", "…", undefined, "…"],
  ["an instant for a small number", 1785578400.123, 5, 1785578400.123],
  ["an instant for a text", 1785578400.123, "2026-08-01", 1785578400.123],
  ["a text for a text", "…", "x", "x"],
  ["an instant for an instant", 1785578400.123, 1785578401, 1785578401],
])("a placeholder keeps its kind: %s", (_, expected, actual, filled) => {
  expect(fill({ a: expected }, { a: actual })).toEqual({ a: filled });
});

test("every local link leads somewhere", () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((path) => !existsSync(join(repo, path)))).toEqual([]);
});

/** "…" stands for what differs from run to run. */
function expectLike(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(fill(expected, actual));
}

// What a user has after `npm install`: the tarballs in an empty folder, and the README's first screen on top of them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installLocked } from "../../scripts/release/install.ts";
import { thisNode } from "../../scripts/release/nodes.ts";
import { contentProblems, type Packed, packAll } from "../../scripts/release/pack.ts";
import { readManifest, root } from "../../scripts/release/packages.ts";
import { blocksOf, fill, runBash, runCurlBlocks } from "../../scripts/release/readme.ts";
import { run } from "../../scripts/release/run.ts";
import { stageAll } from "../../scripts/release/stage.ts";

const patience = 120_000;
const blocks = blocksOf(readFileSync(join(root, "README.md"), "utf8"));
const above = mkdtempSync(join(tmpdir(), "avtomatika-packed-"));
let folder = "";
let packed: Packed[] = [];
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  ({ env } = await thisNode());
  await stageAll();
  packed = await packAll();
}, patience);
afterAll(() => rmSync(above, { recursive: true, force: true }));

test("the packages have what they need, nothing else, and stay within their bounds", () => {
  expect(contentProblems(packed)).toEqual([]);
});

test("the README's install, with the tarballs in the place of the registry's", { timeout: patience }, async () => {
  const install = blocks.find(({ text }) => text.includes("npm install avtomatika\n"));
  const lines = (install?.text ?? "").trim().split("\n");
  expect(lines.pop()).toBe("npm install avtomatika");
  const [, place] = await runBash([lines.join("\n"), "pwd"], { cwd: above, env });
  folder = place?.trim() ?? "";
  expect(dirname(folder)).toBe(above);
  const own = packed.filter(({ name }) => ["avtomatika", "@avtomatika/protocol"].includes(name));
  await installLocked(folder, own, env);
  // As `npm pkg set` left it.
  expect(readManifest(folder).type).toBe("module");
  expect(existsSync(join(folder, "node_modules/avtomatika/dist/index.js"))).toBe(true);
  expect(existsSync(join(folder, "node_modules/avtomatika/src"))).toBe(false);
});

test("the five minutes with curl do a job", { timeout: patience }, async () => {
  const { printed, told } = await runCurlBlocks(blocks, { cwd: folder, env });
  expect(told.length).toBeGreaterThan(5);
  expect(printed).toEqual(told);
});

test("the first program runs", { timeout: patience }, async () => {
  const at = blocks.findIndex(({ language }) => language === "ts");
  writeFileSync(join(folder, "first.ts"), blocks[at]?.text ?? "");
  const { stdout } = await run("node", ["first.ts"], { cwd: folder, env });
  const last: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  expect(last).toEqual(fill(JSON.parse(blocks[at + 1]?.text ?? ""), last));
});

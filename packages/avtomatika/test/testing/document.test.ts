// docs/testing.md does what it says: its example is taken out, type-checked, and run as a program of its own.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { TestKit } from "#testing/kit";

const repo = fileURLToPath(new URL("../../../../", import.meta.url));
const document = readFileSync(join(repo, "docs/testing.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "avtomatika-testing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const run = promisify(execFile);

test("the example is well typed and passes", { timeout: 60_000 }, async () => {
  const programs = [...document.matchAll(/^```ts\n(.*?)^```$/gms)];
  expect(programs).toHaveLength(1);
  symlinkSync(join(repo, "node_modules"), join(folder, "node_modules"), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "order.test.ts"), programs[0]?.[1] ?? "");
  const flags = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--types",
    "node",
  ];
  const tsc = run(join(repo, "node_modules/.bin/tsc"), [...flags, "order.test.ts"], { cwd: folder });
  expect(await tsc.catch((error) => error)).toMatchObject({ stdout: "" });
  const { stdout } = await run(process.execPath, ["order.test.ts"], { cwd: folder });
  expect(stdout).toMatch(/pass 3\n/);
});

test("it lists every method of the kit, and its links lead somewhere", () => {
  const told = new Set(
    [...document.matchAll(/^\|.*?\|/gm)].flatMap(([cell]) => [...cell.matchAll(/`t\.(\w+)/g)].map(([, name]) => name)),
  );
  const methods = Object.getOwnPropertyNames(TestKit.prototype).filter((name) => name !== "constructor");
  expect([...told].sort()).toEqual(methods.sort());
  const links = [...document.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !existsSync(join(repo, "docs", path)))).toEqual([]);
});

// The program in the README of the client does what it says.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));
const run = promisify(execFile);
const compilerOptions = { module: "nodenext", strict: true, types: [], noEmit: true, skipLibCheck: true };

test("the five minutes of the README compile and print what they promise", async () => {
  const readme = readFileSync(join(packages, "client/README.md"), "utf8");
  const [program = "", output = ""] = [...readme.matchAll(/```(?:ts|text)\n([\s\S]*?)```/g)].map(([, text]) => text);
  const folder = mkdtempSync(join(tmpdir(), "avtomatika-client-readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules/@avtomatika"), { recursive: true });
  symlinkSync(join(packages, "avtomatika"), join(folder, "node_modules/avtomatika"), "dir");
  symlinkSync(join(packages, "client"), join(folder, "node_modules/@avtomatika/client"), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "outside", type: "module" }));
  writeFileSync(join(folder, "order.ts"), program);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const { stdout } = await run(process.execPath, ["order.ts"], { cwd: folder });
  expect(stdout).toBe(output);
  const compiler = join(packages, "../node_modules/typescript/bin/tsc");
  const checked = await run(process.execPath, [compiler, "--pretty", "false", "-p", "tsconfig.json"], {
    cwd: folder,
  }).catch((failure: { stdout: string }) => failure);
  expect(checked.stdout).toBe("");
});

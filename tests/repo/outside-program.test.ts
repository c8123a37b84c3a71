// What a user has after `npm install avtomatika`: a program of their own, checked and run outside this repo.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const repo = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "avtomatika-outside-"));
const run = promisify(execFile);
/** The compiler shares its processors with whatever else runs. */
const patience = { timeout: 120_000 };

const program = `
import { StateMachineBlueprint } from "avtomatika";

const flow = new StateMachineBlueprint({ name: "outside", apiVersion: "v1", apiEndpoint: "/jobs/outside" });
flow.handlerFor("start", { isStart: true }, ({ initialData, actions }) => {
  if (initialData.urgent) return actions.transitionTo("end");
  return actions.dispatchTask({ taskType: "work", params: { id: 1 }, transitions: { success: "end", failure: "failed" } });
});
flow.handlerFor("end", { isEnd: true }, ({ jobId }) => ({ jobId }));
flow.validate();
console.log(flow.toDot());
`;

const compilerOptions = {
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  types: [],
  noEmit: true,
};

beforeAll(() => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(repo, "packages/avtomatika"), join(folder, "node_modules/avtomatika"), "dir");
  write("package.json", JSON.stringify({ name: "outside", type: "module" }));
  write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  write("program.ts", program);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a program outside the repo passes the strict type check", patience, async () => {
  expect(await check()).toBe("");
});

test("the type check reads the package: a misspelled option is an error", patience, async () => {
  write("misspelled.ts", program.replace("apiEndpoint", "apiEndpiont"));
  const output = await check();
  rmSync(join(folder, "misspelled.ts"));
  expect(output).toContain("misspelled.ts");
  expect(output).toContain("apiEndpiont");
});

test("a program outside the repo runs", async () => {
  const { stdout } = await run(process.execPath, ["program.ts"], { cwd: folder });
  expect(stdout).toContain("start");
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** What the compiler says; empty if it found nothing. */
async function check(): Promise<string> {
  const compiler = join(repo, "node_modules/typescript/bin/tsc");
  const args = [compiler, "--pretty", "false", "-p", "tsconfig.json"];
  const { stdout } = await run(process.execPath, args, { cwd: folder }).catch((failure: { stdout: string }) => failure);
  return stdout.trim();
}

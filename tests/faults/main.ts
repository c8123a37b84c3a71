import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { type Edit, type Finder, faults, type General, type Planted } from "./planted.ts";

const root = join(import.meta.dirname, "../..");
const seeds = 2000;

let copy = "";
let running: ChildProcess | null = null;

/** Each answers what it found, or null. */
const ask: Record<General, () => Promise<string | null>> = {
  simulation: async () => {
    const { code, output } = await run(["tests/simulate/main.ts", "--seeds", String(seeds)]);
    if (code === 0) return null;
    return lastLine(output, /^seed \d+: /) ?? lastLine(output, /./) ?? "it failed";
  },
  suite: () => test("packages", "memory", "test/core/steps", "rate-limiter"),
  kill: async () => {
    const { code, output } = await run(["tests/kill/main.ts", "--kills", "15"]);
    return code === 0 ? null : (lastLine(output, /./) ?? "it failed");
  },
};

/** One file of tests that start servers, by its path. */
function find(finder: Finder): Promise<string | null> {
  return isFile(finder) ? test("servers", finder) : ask[finder]();
}

function isFile(finder: Finder): finder is Exclude<Finder, General> {
  return finder.startsWith("tests/");
}

async function test(project: string, ...files: string[]): Promise<string | null> {
  const vitest = "node_modules/vitest/vitest.mjs";
  const { code, output } = await run([vitest, "run", "--project", project, "--bail", "1", ...files]);
  return code === 0 ? null : (firstLine(output, /^\s*(FAIL|×)/) ?? "it failed");
}

const { values } = parseArgs({ options: { fault: { type: "string" }, with: { type: "string" } } });
const chosen = faults.filter(({ name }) => values.fault === undefined || name === values.fault);
if (chosen.length === 0) throw new Error(`--fault: no planted fault is called "${values.fault}"`);

copy = await makeCopy();
process.on("exit", () => running?.kill("SIGKILL"));
try {
  const missed: string[] = [];
  // What fails without a fault finds nothing.
  const general: Finder[] = ["suite", "simulation", "kill"];
  const all = [...general, ...chosen.map((fault) => fault.finder).filter(isFile)];
  for (const finder of new Set(values.with === undefined ? all : [values.with as Finder])) {
    const fails = await find(finder);
    if (fails !== null) throw new Error(`the ${finder} fails without any fault: ${fails}`);
  }
  for (const fault of chosen) {
    const found = await hunt(fault);
    console.log(`${found === null ? "MISSED" : "found "}  ${fault.name.padEnd(48)} ${found ?? ""}`);
    if (found === null) missed.push(fault.name);
  }
  const found = chosen.length - missed.length;
  console.log(
    `faults: planted ${chosen.length}, ${missed.length === 0 ? "found all" : `found ${found}, missed ${missed.join("; ")}`}`,
  );
  if (missed.length > 0) process.exitCode = 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}

/** Plants one fault in the copy and asks the finders, the most promising first; who found it and how. */
async function hunt(fault: Planted): Promise<string | null> {
  const undo = await Promise.all(
    fault.edits.map(({ file }) => readFile(sourceOf(file), "utf8").then((text) => ({ file, text }))),
  );
  for (const edit of fault.edits) await plant(fault.name, edit);
  const finders: Finder[] = [fault.finder, "simulation", "suite", "kill"];
  try {
    for (const finder of new Set(values.with === undefined ? finders : [values.with as Finder])) {
      const proof = await find(finder);
      if (proof !== null) return `by the ${finder}: ${proof}`;
    }
    return null;
  } finally {
    for (const { file, text } of undo) await writeFile(sourceOf(file), text);
  }
}

async function plant(name: string, { file, find, replace }: Edit): Promise<void> {
  const text = await readFile(sourceOf(file), "utf8");
  if (text.split(find).length !== 2) throw new Error(`fault "${name}": expected its text once in ${file}: ${find}`);
  await writeFile(
    sourceOf(file),
    text.replace(find, () => replace),
  );
}

function sourceOf(file: string): string {
  return join(copy, "packages/avtomatika/src", file);
}

/** Runs a program of the copy; one that hangs is a finding too. */
function run(args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: copy,
      env: { ...process.env, TMPDIR: copy },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running = child;
    let output = "";
    const hear = (chunk: Buffer): void => {
      output = (output + stripVTControlCharacters(chunk.toString())).slice(-200_000);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const patience = setTimeout(() => {
      output += "\nit did not come to an end";
      child.kill("SIGKILL");
    }, 300_000);
    child.on("exit", (code) => {
      clearTimeout(patience);
      running = null;
      resolve({ code: code ?? 1, output });
    });
  });
}

function lastLine(output: string, pattern: RegExp): string | null {
  return (
    output
      .split("\n")
      .findLast((line) => pattern.test(line))
      ?.trim()
      .slice(0, 160) ?? null
  );
}
function firstLine(output: string, pattern: RegExp): string | null {
  return (
    output
      .split("\n")
      .find((line) => pattern.test(line))
      ?.trim()
      .slice(0, 160) ?? null
  );
}

/** A copy of the sources whose packages are its own, with everything else from the repository's node_modules. */
async function makeCopy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "avtomatika-faults-"));
  for (const name of ["packages", "tests", "package.json", "vitest.config.ts", "tsconfig.json"]) {
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
  }
  await mkdir(join(folder, "node_modules/@avtomatika"), { recursive: true });
  for (const name of await readdir(join(root, "node_modules"))) {
    if (name === "avtomatika" || name === "@avtomatika") continue;
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await symlink(join(folder, "packages/avtomatika"), join(folder, "node_modules/avtomatika"));
  await symlink(join(folder, "packages/protocol"), join(folder, "node_modules/@avtomatika/protocol"));
  return folder;
}

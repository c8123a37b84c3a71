// npm run test:faults -- [--fault NAME] [--package NAME] [--with FINDER]: plants each fault, or those whose names begin so.
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { faults } from "./faults.ts";
import type { Edit, Finder, General, Planted, TestFile } from "./planted/planted.ts";

const root = join(import.meta.dirname, "../..");
const seeds = 2000;
/** Over Redis each call is made twice. */
const redisSeeds = 300;
const suite = "avtomatika/test/storage/conformance";
/** Two minutes of load, and what everything may take to come to its end. */
const chaosPatienceMs = 600_000;

let copy = "";
let running: ChildProcess | null = null;

/** Each answers what it found, or null. */
const ask: Record<General, () => Promise<string | null>> = {
  simulation: () => simulate("--seeds", String(seeds)),
  "redis simulation": () => simulate("--storage", "redis", "--seeds", String(redisSeeds)),
  suite: async () =>
    (await test("--project", "packages", suite, "-t", "memory with")) ??
    test("--project", "packages", "avtomatika/test/storage/memory", "test/core/steps", "rate-limiter"),
  "redis suite": () => test("--project", "packages", suite, "-t", "one redis"),
  kill: () => proof("tests/kill/main.ts", "--kills", "15"),
  storm: () => proof("tests/storm/main.ts", "--kills", "5", "--workers", "6"),
  hostile: async () => {
    const { code, output } = await run(["tests/hostile/main.ts", "--requests", "10000", "--seed", "1"]);
    return code === 0 ? null : (firstLine(output, /^FAULT/) ?? "it failed");
  },
  chaos: async () => {
    const { code, output } = await run(["tests/chaos/main.ts", "--quick"], chaosPatienceMs);
    if (code === 0) return null;
    return firstLine(output, /^(lost|doubled|orphan): /) ?? firstLine(output, /^other: /) ?? "it failed";
  },
};

async function simulate(...args: string[]): Promise<string | null> {
  const { code, output } = await run(["tests/simulate/main.ts", ...args]);
  if (code === 0) return null;
  return firstLine(output, /^seed \d+: /) ?? lastLine(output, /./) ?? "it failed";
}

function find(finder: Finder): Promise<string | null> {
  return isFile(finder) ? test(finder) : ask[finder]();
}

function isFile(finder: Finder): finder is TestFile {
  return finder.endsWith(".test.ts");
}

async function test(...args: string[]): Promise<string | null> {
  const { code, output } = await run(["node_modules/vitest/vitest.mjs", "run", "--bail", "1", ...args]);
  return code === 0 ? null : (firstLine(output, /^\s*(FAIL|×)/) ?? "it failed");
}

async function proof(...args: string[]): Promise<string | null> {
  const { code, output } = await run(args);
  return code === 0 ? null : (lastLine(output, /./) ?? "it failed");
}

const { values } = parseArgs({
  options: { fault: { type: "string" }, package: { type: "string" }, with: { type: "string" } },
});
// Without a name, a finder is asked for the faults that name it.
const chosen = faults.filter(
  (fault) =>
    (values.fault === undefined || fault.name.startsWith(values.fault)) &&
    (values.fault !== undefined || values.with === undefined || fault.finders.includes(values.with as Finder)) &&
    (values.package === undefined || fault.package === values.package),
);
if (chosen.length === 0)
  throw new Error(`no planted fault begins with "${values.fault ?? "…"}" in the package "${values.package ?? "…"}"`);

copy = await makeCopy();
process.on("exit", () => running?.kill("SIGTERM"));
try {
  const missed: string[] = [];
  // What fails without a fault finds nothing.
  for (const finder of new Set(chosen.flatMap(findersOf))) {
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
    fault.edits.map(async ({ file }) => {
      const path = sourceOf(fault, file);
      return { path, text: await readFile(path, "utf8") };
    }),
  );
  for (const edit of fault.edits) await plant(fault, edit);
  try {
    for (const finder of findersOf(fault)) {
      const found = await find(finder);
      if (found !== null) return `by the ${finder}: ${found}`;
    }
    return null;
  } finally {
    for (const { path, text } of undo) await writeFile(path, text);
  }
}

function findersOf(fault: Planted): Finder[] {
  return values.with === undefined ? fault.finders : [values.with as Finder];
}

async function plant(fault: Planted, { file, find, replace }: Edit): Promise<void> {
  const path = sourceOf(fault, file);
  const text = await readFile(path, "utf8");
  if (text.split(find).length !== 2) {
    throw new Error(`fault "${fault.name}": expected its text once in ${file}: ${find}`);
  }
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
}

function sourceOf(fault: Planted, file: string): string {
  return join(copy, "packages", fault.package, "src", file);
}

/** Runs a program of the copy; one that hangs is a finding too. */
function run(args: string[], patienceMs = 300_000): Promise<{ code: number; output: string }> {
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
      // It may have processes of its own to end.
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 5000).unref();
    }, patienceMs);
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
  for (const name of ["protocol", "worker", "client"]) {
    await symlink(join(folder, "packages", name), join(folder, "node_modules/@avtomatika", name));
  }
  return folder;
}

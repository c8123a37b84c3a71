// The demo on folders that are not nice. It judges itself: exit code 0 means that the report agreed with a direct
// computation and that no process was left.
import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const demo = fileURLToPath(new URL("../../scripts/demo.mjs", import.meta.url));
const patienceMs = 90_000;
let root = "";

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "avtomatika-demo-test-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("an empty folder: the engine is killed before the end all the same", { timeout: patienceMs }, async () => {
  const { code, output } = await runDemo([makeFolder("empty")]);
  expect(output).toContain("SIGKILL");
  expect(output).toContain("The report agrees with the direct computation, and no process is left.");
  expect(code).toBe(0);
  // There is nothing to measure, to draw and to pack; everything else happens.
  expect(output).toMatch(/^own status +draw_chart answered 1 blank$/m);
  expect(output).toMatch(/^archive +none$/m);
  expect(output).toMatch(/^retried +1 \(1 classify\)$/m);
});

test("names, links and files of every kind", { timeout: patienceMs }, async () => {
  const folder = makeFolder("odd");
  const names = [
    "plain.txt",
    " spaces ",
    "two\nlines",
    "quo'te\".txt",
    "-rf",
    "back\\slash",
    "$(exit 1)",
    "*",
    "émoji 🎉.txt",
    `${"long".repeat(62)}.txt`,
    ".hidden",
    "packed.gz",
  ];
  for (const name of names) writeFileSync(join(folder, name), `${name}\nis a file of some words`);
  mkdirSync(join(folder, "deep", "deeper".repeat(20), "deepest".repeat(20)), { recursive: true });
  writeFileSync(join(folder, "deep", "deeper".repeat(20), "deepest".repeat(20), "nothing"), "");
  // Above the size up to which files are read at once; random, so that it doesn't shrink.
  writeFileSync(join(folder, "large.bin"), randomBytes(9 * 1024 * 1024));
  writeFileSync(join(folder, "large.txt"), "some words of a line\n".repeat(450_000));
  symlinkSync("nowhere", join(folder, "dangling"));
  symlinkSync(".", join(folder, "circle"));
  writeFileSync(join(folder, "locked"), "unreadable, but for root");
  chmodSync(join(folder, "locked"), 0);
  const bytes = Buffer.from([...Buffer.from(`${folder}/`), 0xff, 0xfe]);
  // Some systems take no such name.
  const withBytes = attempt(() => writeFileSync(bytes, "not UTF-8"));

  const { code, output } = await runDemo([folder]);
  expect(output).toContain("The report agrees with the direct computation");
  expect(code).toBe(0);
  const report = reportOf(output);
  expect(report.totals).toMatchObject({ links: 2, binary: 1, unreadable_folders: 0 });
  const paths = report.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(names));
  expect(report.files.filter(({ path_hex }) => path_hex === "fffe")).toHaveLength(withBytes ? 1 : 0);
  expect(openAtKill(output).open).toBeGreaterThanOrEqual(10);
});

test("many files: a task for several of them, at least ten open at the kill", { timeout: patienceMs }, async () => {
  const folder = makeFolder("many");
  for (let at = 0; at < 700; at++) writeFileSync(join(folder, `${at}.txt`), `file ${at}\n`.repeat(at % 7));
  const { code, output } = await runDemo([folder]);
  expect(code).toBe(0);
  expect(output).toContain("a task per 7 files");
  expect(openAtKill(output)).toEqual({ open: 50, total: 100 });
  expect(output).toMatch(/^worker gpu +1 draw_chart$/m);
  expect(output).toMatch(/^worker reliable +.*measure/m);
  expect(output).toMatch(/^worker unreliable +.*measure, 3 classify/m);
  expect(output).toMatch(/^died +1 /m);
  expect(output).toMatch(/^inherited +1 /m);
  expect(output).toMatch(/^quarantined +1: .*PERMANENT_ERROR: there is no folder \S+publishd$/m);
  expect(output).toMatch(/^requeued +by an operator, with a patch$/m);
  expect(output).toMatch(/^own status +draw_chart answered 1 drawn$/m);
  expect(output).toMatch(/^approved +by the token of the wait$/m);
  expect(output).toMatch(/^slept +1\.\d s, by a timer$/m);
});

test.each<[string, NodeJS.ProcessEnv, RegExp]>([
  ["Redis, where there is one", {}, /^.* redis \d+ at redis:\S+: (Redis, appendfsync always|Valkey as WebAssembly)/m],
  ["Valkey as WebAssembly", { AVTOMATIKA_REDIS: "wasm" }, /^.* redis \d+ at redis:\S+: Valkey as WebAssembly/m],
])("two engines on %s: one is killed, and the other goes on", { timeout: patienceMs }, async (name, env, told) => {
  const folder = makeFolder(name);
  for (let at = 0; at < 30; at++) writeFileSync(join(folder, `${at}.txt`), `file ${at}\n`.repeat(at));
  const { code, output } = await runDemo([folder, "--storage", "redis"], () => {}, env);
  expect(output).toContain("The report agrees with the direct computation, and no process is left.");
  expect(code).toBe(0);
  expect(output).toMatch(told);
  const [, killed] = /(engine-\d) was killed \(SIGKILL\): measure_each/.exec(output) ?? [];
  expect(output).toContain(`${killed === "engine-1" ? "engine-2" : "engine-1"} goes on alone`);
  expect(output).toMatch(new RegExp(`^engine killed +${killed}, and not started again$`, "m"));
  expect(output).toMatch(/^shared +\d+ and \d+ connections to the two engines before the kill$/m);
  expect(output).toMatch(/^moved over +\d+ connections were cut, and \d+ made to the other engine$/m);
  expect(openAtKill(output)).toEqual({ open: 15, total: 30 });
});

test("a file that changes after it was measured is a difference", { timeout: patienceMs }, async () => {
  const folder = makeFolder("changing");
  for (let at = 0; at < 30; at++) writeFileSync(join(folder, `${10 + at}.txt`), "words\n");
  // The first half was measured before the kill.
  const { code, output } = await runDemo([folder], (text) => {
    if (text.includes("SIGKILL")) appendFileSync(join(folder, "10.txt"), "and more\n");
  });
  expect(output).toMatch(/DIFFERENCE bytes: the report says 180/);
  expect(code).toBe(1);
});

test.each([
  ["sqlite", 1],
  ["redis", 3],
])("a demo on %s that is told to end leaves no process", { timeout: patienceMs }, async (storage, servers) => {
  const { code, output } = await runDemo([makeFolder(`ended ${storage}`), "--storage", storage], (text, child) => {
    if (text.includes("SIGKILL")) child.kill("SIGTERM");
  });
  expect(code).toBe(143);
  const own = [...output.matchAll(/ (?:engine|engine-1|engine-2|redis) (\d+) at/g)].map(([, pid]) => pid);
  const workers = /workers (.*)$/m.exec(output)?.[1]?.match(/\d+/g) ?? [];
  const pids = [...own, ...workers].map(Number);
  expect(pids).toHaveLength(servers + 3);
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 10_000 });
});

test("a folder that isn't there", { timeout: patienceMs }, async () => {
  const { code, output } = await runDemo([join(root, "nowhere")]);
  expect(output).toContain("there is no folder");
  expect(code).toBe(1);
});

test.each<[string, string[], string]>([
  ["an unknown store", ["--storage", "memory"], '--storage: expected sqlite or redis, got "memory"'],
  ["a store without a name", ["--storage"], "--storage: expected sqlite or redis, got nothing"],
  ["a misspelled option", ["--storag=redis"], "there is no option --storag, only --storage and --help"],
  ["a second folder", ["here", "there"], "one folder is measured, got 2: here, there"],
])("%s is refused", { timeout: patienceMs }, async (_, args, message) => {
  const { code, output } = await runDemo(args);
  expect(output).toContain(message);
  expect(code).toBe(1);
});

test("an option without npm's two dashes isn't dropped", { timeout: patienceMs }, async () => {
  const { code, output } = await runDemo(["redis"], () => {}, { npm_config_storage: "true" });
  expect(output).toContain("npm run demo -- --storage redis");
  expect(code).toBe(1);
});

test("it says what it can do", { timeout: patienceMs }, async () => {
  const { code, output } = await runDemo(["--help"]);
  expect(output).toMatch(/--storage redis +\S/);
  expect(code).toBe(0);
});

function makeFolder(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

/** The demo's own temporary files go where they are removed with the rest. */
function runDemo(
  args: string[],
  hear: (text: string, child: ChildProcess) => void = () => {},
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const temporary = mkdtempSync(join(root, "tmp-"));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [demo, ...args], {
      env: { ...process.env, TMPDIR: temporary, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        hear(text, child);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0 && !args.includes("--help")) expect(leftIn(temporary)).toEqual(["published"]);
      resolve({ code: code ?? -1, output });
    });
  });
}

/** What the run left in its folder beside logs and notes. */
function leftIn(temporary: string): string[] {
  const [own = ""] = readdirSync(temporary);
  return readdirSync(join(temporary, own), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

function reportOf(output: string) {
  const file = /^report +(\/.*)$/m.exec(output)?.[1] ?? "";
  return JSON.parse(readFileSync(file, "utf8")) as {
    totals: Record<string, number>;
    files: { path: string; path_hex?: string }[];
  };
}

function openAtKill(output: string): { open: number; total: number } {
  const [, open, total] = /^open at the kill +(\d+) of (\d+) tasks$/m.exec(output) ?? [];
  return { open: Number(open), total: Number(total) };
}

function randomBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let seed = 1;
  for (let at = 0; at < size; at++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = seed >>> 16;
  }
  return bytes;
}

function isAlive(pid: number): boolean {
  return attempt(() => process.kill(pid, 0));
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

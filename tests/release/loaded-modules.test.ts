// What an engine loads of others' packages when it starts: a dependency that only some need is loaded by them alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closureOf, readLock } from "../../scripts/release/closure.ts";
import { root } from "../../scripts/release/packages.ts";

/** Whoever adds one says here who needs it at each start. Those that they depend on come along. */
const needed = {
  "@avtomatika/protocol": "the form of requests",
  "@marcbachmann/cel-js": "string conditions",
  acorn: "reads the transitions from the handlers",
  commander: "the command line",
  fastify: "the server",
  pino: "the log",
  typebox: "the schemas of the protocol",
  uuidv7: "ids of jobs",
};

const flow = `
import { StateMachineBlueprint } from "avtomatika";
export const flow = new StateMachineBlueprint({ name: "flow", apiVersion: "v1", apiEndpoint: "/jobs/flow" });
flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("end"));
flow.handlerFor("end", { isEnd: true }, () => {});
`;

const folder = mkdtempSync(join(tmpdir(), "avtomatika-loaded-"));
const hook = pathToFileURL(join(root, "tests/release/note-modules.mjs")).href;

beforeAll(() => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "packages/avtomatika"), join(folder, "node_modules/avtomatika"), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "flow.ts"), flow);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a start with the memory store loads what every engine needs, and no SQLite", async () => {
  const { packages, builtin } = await loadedBy("memory");
  const allowed = new Set(Object.keys(needed).flatMap((name) => [name, ...below(name)]));
  expect(packages.filter((name) => !allowed.has(name))).toEqual([]);
  expect(Object.keys(needed).filter((name) => !packages.includes(name))).toEqual([]);
  expect(builtin).toContain("node:http");
  expect(builtin).not.toContain("node:sqlite");
});

test("a start with the SQLite store loads the same packages", async () => {
  const [memory, sqlite] = await Promise.all([loadedBy("memory"), loadedBy(`sqlite:${join(folder, "engine.db")}`)]);
  expect(sqlite.packages).toEqual(memory.packages);
});

test("a file of clients brings the reader of TOML", async () => {
  const path = join(folder, "clients.toml");
  writeFileSync(path, '[acme]\ntoken = "a token of acme"\n');
  const { packages } = await loadedBy("memory", { env: { CLIENTS_CONFIG_PATH: path } });
  const { packages: without } = await loadedBy("memory");
  expect(packages.filter((name) => !without.includes(name))).toEqual(["smol-toml"]);
});

test("drawing an SVG loads nothing into the engine: the layout has a thread of its own", async () => {
  const use = async (url: string): Promise<void> => {
    const headers = { "x-client-token": "client" };
    const svg = await fetch(`${url}/api/v1/blueprints/flow/graph?format=svg`, { headers });
    expect([svg.status, await svg.text()]).toEqual([200, expect.stringContaining("<svg")]);
  };
  const { packages } = await loadedBy("memory", { use });
  expect(packages).not.toContain("@viz-js/viz");
});

/** Starts an engine, lets `use` work with it, stops it, and answers what it had loaded. */
async function loadedBy(
  storage: string,
  { use, env = {} }: { use?: (url: string) => Promise<void>; env?: Record<string, string> } = {},
) {
  const notes = join(folder, `${crypto.randomUUID()}.txt`);
  const launcher = join(root, "packages/avtomatika/bin/avtomatika.js");
  const start = [launcher, "start", "flow.ts", "--host", "127.0.0.1", "--port", "0", "--storage", storage];
  const own = { CLIENT_TOKEN: "client", GLOBAL_WORKER_TOKEN: "worker", LOG_LEVEL: "error", NOTE_MODULES: notes };
  const child = spawn(process.execPath, ["--import", hook, ...start], {
    cwd: folder,
    env: { ...process.env, ...own, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  try {
    const [line] = (await Promise.race([once(child.stdout, "data"), gone])) as [unknown];
    await use?.(String(line).trim());
  } finally {
    child.kill("SIGTERM");
    await gone;
  }
  const urls = readFileSync(notes, "utf8").split("\n");
  const names = urls.flatMap((url) => packageOf(url) ?? []);
  return { packages: [...new Set(names)].sort(), builtin: urls.filter((url) => url.startsWith("node:")) };
}

function packageOf(url: string): string | undefined {
  if (url.includes("/packages/protocol/")) return "@avtomatika/protocol";
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
}

/** The names of everything that a package brings along. */
function below(name: string): string[] {
  const lock = readLock();
  return name.startsWith("@avtomatika/")
    ? []
    : closureOf(lock, { workspaces: [`node_modules/${name}`] }).map((one) => one.name);
}

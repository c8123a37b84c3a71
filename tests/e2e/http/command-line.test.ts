import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const repo = fileURLToPath(new URL("../../../", import.meta.url));
const launcher = join(repo, "packages/avtomatika/bin/avtomatika.js");
const manifest = JSON.parse(readFileSync(join(repo, "packages/avtomatika/package.json"), "utf8")) as {
  version: string;
};
const folder = mkdtempSync(join(tmpdir(), "avtomatika-cli-"));
const running: ChildProcess[] = [];

beforeAll(() => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(repo, "packages/avtomatika"), join(folder, "node_modules/avtomatika"), "dir");
  write("package.json", JSON.stringify({ type: "module" }));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("start serves the blueprints of a file: one line on stdout, logs on stderr, exit 0 on SIGTERM", async () => {
  write("flow.ts", `console.log("loaded"); ${flow("cli_flow")}`);
  const program = launch(["start", "flow.ts", "--storage", "memory", "--port", "0", "--host", "127.0.0.1"]);
  const url = await program.firstLine;
  const response = await fetch(`${url}/api/v1/cli_flow?wait=30`, {
    method: "POST",
    headers: { "x-client-token": "secure-orchestrator-token" },
    body: "{}",
  }).catch(() => undefined);
  expect(response?.status).toBe(415);
  const job = await create(url, "cli_flow");
  expect(job.status).toBe("finished");
  program.child.kill("SIGTERM");
  const { code, stdout, stderr } = await program.end;
  expect(code).toBe(0);
  expect(stdout).toBe(`${url}\n`);
  expect(stderr).toContain("loaded");
  expect(stderr).toContain("the engine listens");
  expect(stderr).toContain("the engine has stopped");
});

test("bound to every address, the line names this machine; a default store is a file in the working folder", async () => {
  write("flow.ts", flow("cli_flow"));
  const program = launch(["start", "flow.ts", "--port", "0"]);
  expect(await program.firstLine).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const second = await launch(["start", "flow.ts", "--port", "0"]).end;
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(join(".avtomatika", "engine.db"));
  program.child.kill("SIGINT");
  const { code, stderr } = await program.end;
  expect(code).toBe(0);
  expect(stderr).toContain("CLIENT_TOKEN and GLOBAL_WORKER_TOKEN are the default ones");
});

test("a folder means its modules, recursively, without node_modules, dot folders, declarations and tests", async () => {
  write("flows/a.ts", flow("a"));
  write("flows/deep/b.mjs", flow("b"));
  write("flows/deep/again.js", 'export { flow as same } from "./b.mjs"; export default 5;');
  for (const path of [
    "flows/node_modules/c.ts",
    "flows/.hidden/d.ts",
    "flows/e.d.ts",
    "flows/f.test.ts",
    "flows/g.txt",
  ]) {
    write(path, 'throw new Error("must not be loaded");');
  }
  const program = launch(["start", "flows", "--storage", "memory", "--port", "0"]);
  const url = await program.firstLine;
  const headers = { "x-client-token": "secure-orchestrator-token" };
  const list = (await (await fetch(`${url}/api/v1/blueprints`, { headers })).json()) as { name: string }[];
  expect(list.map(({ name }) => name)).toEqual(["a", "b"]);
});

test.each([
  [{ "none.ts": "export const a = 1;" }, ["none.ts"], "none.ts doesn't export a StateMachineBlueprint"],
  [
    { "empty/none.ts": "export const a = 1;" },
    ["empty"],
    "folder empty: none of its 1 modules exports a StateMachineBlueprint",
  ],
  [{}, ["missing.ts"], "there is no file or folder missing.ts"],
  [
    { "x.ts": flow("same"), "y.ts": flow("same") },
    ["x.ts", "y.ts"],
    'two blueprints are named "same", in x.ts and y.ts: rename one',
  ],
  [
    { "enum.ts": "export const a = 1;\n\nenum Color { Red }\n" },
    ["enum.ts"],
    /enum\.ts:3: TypeScript enum is not supported .* use an object/,
  ],
  [
    { "space.ts": "\nnamespace N { export const a = 1 }\n" },
    ["space.ts"],
    /space\.ts:2: .*namespace.* use a module of its own/,
  ],
  [
    { "property.ts": "class A { constructor(private a: number) {} }\n" },
    ["property.ts"],
    /property\.ts:1: .*parameter property.* assign it in the constructor/,
  ],
  [
    { "alias.ts": '\nimport { a } from "@/lib/a";\nexport const b = a;' },
    ["alias.ts"],
    /alias\.ts:2: @\/lib\/a is not found\. It looks like a path alias/,
  ],
  [
    { "extension.ts": 'import { a } from "./other";\nexport const b = a;' },
    ["extension.ts"],
    /extension\.ts:1: \.\/other is not found\. .*with its extension/,
  ],
  [{ "syntax.ts": "export const a: = 1;" }, ["syntax.ts"], /syntax\.ts:1: /],
  [{ "uses.ts": 'import "./inner.ts";', "inner.ts": "\n\nenum A {}" }, ["uses.ts"], /inner\.ts:3: TypeScript enum/],
  [{ "wrong.ts": flow("wrong").replace('"end"', '"edn"') }, ["wrong.ts"], 'blueprint "wrong" has'],
  [{ "fine.ts": flow("fine") }, ["fine.ts", "--port", "70000"], "Expected a whole number from 0 to 65535."],
  [
    { "fine.ts": flow("fine") },
    ["fine.ts", "--storage", "redis://:secret@127.0.0.1:1"],
    /can't reach Redis at redis:\/\/127\.0\.0\.1:1: (?!.*secret).* name another in STORAGE_URI \(--storage\), /,
  ],
  [{ "fine.ts": flow("fine") }, ["fine.ts", "--prot", "1"], "Did you mean --port?"],
  [{}, [], "missing required argument"],
] as [Record<string, string>, string[], string | RegExp][])(
  "a mistake ends with a clear message and a non-zero status: %j",
  async (files, args, message) => {
    for (const [path, text] of Object.entries(files)) write(path, text);
    const { code, stdout, stderr } = await launch(["start", ...args]).end;
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    if (typeof message === "string") expect(stderr).toContain(message);
    else expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  },
);

test("a bad variable, default tokens in production, a taken port: a clear message, a non-zero status", async () => {
  write("flow.ts", flow("cli_flow"));
  const start = (env: Record<string, string>) => launch(["start", "flow.ts", "--storage", "memory"], env).end;
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const port = String((blocker.address() as { port: number }).port);
  const [bad, production, taken] = await Promise.all([
    start({ JOB_MAX_RETRIES: "many" }),
    start({ NODE_ENV: "production", API_PORT: "0" }),
    start({ API_HOST: "127.0.0.1", API_PORT: port }),
  ]);
  blocker.close();
  expect([bad.code, production.code, taken.code]).toEqual([1, 1, 1]);
  expect(bad.stderr).toBe('avtomatika: JOB_MAX_RETRIES: expected a whole number from 0 to 1000000, got "many"\n');
  expect(production.stderr).toContain("CLIENT_TOKEN and GLOBAL_WORKER_TOKEN are the default ones");
  expect(taken.stderr).toContain(`avtomatika: can't listen at 127.0.0.1:${port}: another program has the port`);
  expect(taken.stderr).toContain("--port or API_PORT (0: a free one) (EADDRINUSE)");
  for (const { stderr } of [bad, production, taken]) expect(stderr).not.toMatch(/^ {4}at /m);
});

test("--version and --help answer on stdout; without a command the help is shown as an error", async () => {
  const [version, help, startHelp, nothing] = await Promise.all([
    launch(["--version"]).end,
    launch(["--help"]).end,
    launch(["start", "--help"]).end,
    launch([]).end,
  ]);
  expect([version.code, version.stdout]).toEqual([0, `${manifest.version}\n`]);
  expect([help.code, startHelp.code, nothing.code]).toEqual([0, 0, 1]);
  expect(help.stdout).toContain("avtomatika start flow.ts");
  expect(startHelp.stdout).toContain("STORAGE_URI");
  expect(nothing.stderr).toContain("Usage: avtomatika");
});

test("engine.run() stops on a signal and leaves exit code 0", async () => {
  write(
    "program.ts",
    `import { loadConfig, MemoryStorage, OrchestratorEngine } from "avtomatika";
${flow("run_flow")}
const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config: loadConfig({ apiHost: "127.0.0.1", apiPort: 0 }) });
engine.registerBlueprint(flow);
engine.app.addHook("onListen", async () => { console.log("listening"); });
await engine.run();
console.log("stopped");`,
  );
  const program = follow(spawn(process.execPath, ["program.ts"], { cwd: folder, env: environment() }));
  await program.firstLine;
  program.child.kill("SIGTERM");
  const { code, stdout } = await program.end;
  expect([code, stdout]).toEqual([0, "listening\nstopped\n"]);
});

test("a second signal ends the process at once", async () => {
  write(
    "stuck.ts",
    flow("stuck").replace(
      "actions.transitionTo",
      'console.error("begun"); await new Promise(() => setInterval(() => {}, 1000)); actions.transitionTo',
    ),
  );
  const program = launch(["start", "stuck.ts", "--storage", "memory", "--port", "0"]);
  const url = await program.firstLine;
  await create(url, "stuck", 0);
  await program.told("begun");
  program.child.kill("SIGTERM");
  await program.told("stopping");
  program.child.kill("SIGTERM");
  expect((await program.end).code).toBe(143);
});

function flow(name: string): string {
  return `import { StateMachineBlueprint } from "avtomatika";
export const flow: StateMachineBlueprint = new StateMachineBlueprint({ name: "${name}", apiVersion: "v1", apiEndpoint: "/${name}" });
flow.handlerFor("start", { isStart: true }, async ({ actions }) => { actions.transitionTo("end"); });
flow.handlerFor("end", { isEnd: true }, () => {});`.replace(/: StateMachineBlueprint =/, " =");
}

async function create(url: string, endpoint: string, wait = 30): Promise<{ status: string }> {
  const headers = { "x-client-token": "secure-orchestrator-token", "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1/${endpoint}?wait=${wait}`, { method: "POST", headers, body: "{}" });
  return (await response.json()) as { status: string };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...env } = process.env;
  return { ...env, ...extra };
}

function launch(args: string[], extra: Record<string, string> = {}) {
  return follow(spawn(process.execPath, [launcher, ...args], { cwd: folder, env: environment(extra) }));
}

function follow(child: ChildProcess) {
  running.push(child);
  let stdout = "";
  let stderr = "";
  const end = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  child.stdout?.on("data", (part) => {
    stdout += part;
  });
  child.stderr?.on("data", (part) => {
    stderr += part;
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const look = () => holds() && resolve();
      child.stdout?.on("data", look);
      child.stderr?.on("data", look);
      child.on("close", () => reject(new Error(`it ended early:\n${stderr}`)));
      look();
    });
  const firstLine = until(() => stdout.includes("\n")).then(() => stdout.split("\n", 1)[0] as string);
  firstLine.catch(() => {});
  return { child, end, firstLine, told: (text: string) => until(() => stderr.includes(text)) };
}

// The reference names what the code has: every variable with its default, every error with its status, every route.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig, MemoryStorage, OrchestratorEngine, StateMachineBlueprint } from "avtomatika";
import { readClients } from "avtomatika/internal/config/read-clients";
import { readWorkers } from "avtomatika/internal/config/read-workers";
import { variables } from "avtomatika/internal/config/variables";
import { catalogue } from "avtomatika/internal/core/errors";
import { expect, test } from "vitest";
import { readDocument } from "../../scripts/docs/read-document.ts";
import { renderHttp } from "../../scripts/docs/render-http.ts";

const repo = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(repo, path), "utf8");

test("configuration.md lists every variable with its default, and no other", () => {
  const rows = [...read("docs/reference/configuration.md").matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)];
  const told = Object.fromEntries(rows.map(([, name = "", value = ""]) => [name, value]));
  expect(told).toEqual(
    Object.fromEntries(Object.values(variables).map(({ name, fallback }) => [name, tellDefault(fallback)])),
  );
});

test("the examples of clients.toml and workers.toml are valid ones", () => {
  const examples = [...read("docs/reference/configuration.md").matchAll(/^```toml\n(.*?)^```/gms)].map(
    ([, text = ""]) => text,
  );
  const [clients = "", workers = "", ...more] = examples;
  expect(more).toEqual([]);
  const options = { file: "example", taken: new Map() };
  expect(readClients(clients, options)).toMatchObject({
    entries: [{ id: "acme" }, { id: "operations" }],
    warnings: [],
  });
  expect(readWorkers(workers, options).entries).toMatchObject([{ id: "gpu-01" }, { id: "gpu.02" }]);
});

test("errors.md lists the catalogue with its statuses, and no other", () => {
  const rows = [...read("docs/reference/errors.md").matchAll(/^\| `([a-z_]+)` \| (\d+) \|/gm)];
  expect(Object.fromEntries(rows.map(([, code = "", status]) => [code, Number(status)]))).toEqual(
    Object.fromEntries(Object.entries(catalogue).map(([code, { status }]) => [code, status])),
  );
});

test("http.md is what `npm run docs:http` makes of the OpenAPI document", async () => {
  const made = renderHttp(read("scripts/docs/http.template.md"), await readDocument());
  expect(read("docs/reference/http.md")).toBe(made);
});

test("errors.md says of every error what led to it and what to do", () => {
  const rows = [...read("docs/reference/errors.md").matchAll(/^\| `.*\|$/gm)].map(([row]) =>
    row.slice(2, -2).split(" | "),
  );
  expect(rows.length).toBeGreaterThan(Object.keys(catalogue).length);
  for (const [code = "", ...cells] of rows) {
    const [cause = "", ...rest] = cells.filter((cell) => !/^\d+$/.test(cell));
    expect(cause.length, code).toBeGreaterThan(20);
    // Between them stands what the engine makes of a task's error.
    expect(rest.at(-1), code).toMatch(/^[A-Z`].{12,}[.?]$/);
  }
});

test("errors.md lists the codes that only the client has", () => {
  const [, text = ""] = read("docs/reference/errors.md").split("## Errors of the SDKs");
  const told = [...text.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code = ""]) => code);
  const source = readdirSync(join(repo, "packages/client/src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => read(`packages/client/src/${path}`));
  const codes = source.flatMap((file) => [...file.matchAll(/code: "([a-z_]+)"/g)].map(([, code = ""]) => code));
  expect(told.sort()).toEqual([...new Set(codes)].filter((code) => !Object.hasOwn(catalogue, code)).sort());
});

test("http.md lists every route, and no other", async () => {
  const rows = [...read("docs/reference/http.md").matchAll(/^### `([A-Z]+ \/\S+)`$/gm)].map(([, route]) => route);
  expect(rows.map((route) => route?.replace("{endpoint}", "jobs/x")).sort()).toEqual(await listRoutes());
});

test.each([
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  ...readdirSync(join(repo, "docs/reference")).map((name) => `docs/reference/${name}`),
])("the links and file names of %s lead somewhere", (path) => {
  const text = read(path);
  const links = [...text.matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map(([, target = ""]) =>
    join(repo, dirname(path), target),
  );
  expect(links.filter((target) => !existsSync(target))).toEqual([]);
});

test("the files that ARCHITECTURE.md and the decisions name are there", () => {
  const decisions = readdirSync(join(repo, "docs/decisions")).map((name) => `docs/decisions/${name}`);
  const named = ["ARCHITECTURE.md", ...decisions].flatMap((path) =>
    [...read(path).matchAll(/`((?:core|storage|engine|server|config|cli|sqlite)\/[\w./-]+)`/g)].map(
      ([, file = ""]) => file,
    ),
  );
  expect(named.length).toBeGreaterThan(40);
  const source = join(repo, "packages/avtomatika/src");
  expect(named.filter((file) => ![file, join("storage", file)].some((each) => existsSync(join(source, each))))).toEqual(
    [],
  );
});

function tellDefault(value: unknown): string {
  if (value === "") return "empty";
  return value === hostname() ? "the host's name" : `\`${value}\``;
}

async function listRoutes(): Promise<string[]> {
  const flow = new StateMachineBlueprint({ name: "x", apiVersion: "v1", apiEndpoint: "/jobs/x" });
  flow.handlerFor("start", { isStart: true, isEnd: true }, () => {});
  const config = loadConfig({ apiHost: "127.0.0.1", apiPort: 0, logLevel: "silent" });
  const engine = new OrchestratorEngine({ storage: new MemoryStorage(), config });
  engine.registerBlueprint(flow);
  const routes: string[] = [];
  engine.app.addHook("onRoute", ({ method, url }) => {
    routes.push(...[method].flat().map((each) => `${each} ${url}`));
  });
  await engine.start();
  await engine.stop();
  return routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route)).sort();
}

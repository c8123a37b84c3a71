import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Config } from "#config/config";
import { loadConfig } from "#config/load-config";
import type { Logger } from "#core/logger";
import { Access } from "#server/access/access";
import type { Change } from "#server/access/directory";

const patience = { timeout: 20_000 };
let folder = "";
let files: { clientsConfigPath: string; workersConfigPath: string };
let logged: { level: string; fields: Record<string, unknown>; text: string }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "avtomatika-access-"));
  files = { clientsConfigPath: join(folder, "clients.toml"), workersConfigPath: join(folder, "workers.toml") };
  write("clients", '[acme]\ntoken = "acme-token"\nplan = "p"\nadmin = true');
  write("workers", '[w]\ntoken = "w-token"');
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(kind: "clients" | "workers", text: string): void {
  writeFileSync(files[`${kind}ConfigPath`], text);
}

function open(overrides: Partial<Config> = files, nodeEnv?: string): Access {
  const log =
    (level: string) =>
    (fields: object | string, text = ""): void => {
      logged.push(
        typeof fields === "string" ? { level, fields: {}, text: fields } : { level, fields: { ...fields }, text },
      );
    };
  const logger = { info: log("info"), warn: log("warn"), error: log("error") } as unknown as Logger;
  return new Access(loadConfig(overrides), logger, nodeEnv);
}

test("without files the shared tokens let in: as the client default, an admin, and as any worker", () => {
  const access = open({});
  expect(access.clients.bearer("secure-orchestrator-token")).toMatchObject({ id: "default", admin: true });
  expect(access.workers.bearer("secure-worker-token")).toEqual({ own: null });
  expect(open({ clientToken: "x" }).clients.bearer("x")).toMatchObject({ id: "default", admin: true });
});

test("with files the shared tokens count only if they were set; then default is a plain client", () => {
  const access = open();
  expect(access.clients.bearer("acme-token")).toMatchObject({ id: "acme", admin: true });
  expect(access.clients.bearer("secure-orchestrator-token")).toBeUndefined();
  expect(access.workers.bearer("secure-worker-token")).toBeUndefined();
  const tokens = { clientToken: "secure-orchestrator-token", globalWorkerToken: "g" };
  const both = open({ ...files, ...tokens });
  expect(both.clients.bearer(tokens.clientToken)).toMatchObject({ id: "default", admin: false, plan: null });
  expect(both.workers.bearer("g")).toEqual({ own: null });
});

test.each([
  ["clientsConfigPath", "CLIENTS_CONFIG_PATH"],
  ["workersConfigPath", "WORKERS_CONFIG_PATH"],
])("a file that is configured and not there is refused: %s", (key, variable) => {
  expect(() => open({ [key]: join(folder, "none.toml") })).toThrow(
    `${variable}: expected the path of a file, got ${JSON.stringify(join(folder, "none.toml"))}: there is no such file`,
  );
  expect(() => open({ [key]: folder })).toThrow("it can't be read (EISDIR)");
  writeFileSync(join(folder, "latin.toml"), Buffer.from([0x23, 0xe4]));
  expect(() => open({ [key]: join(folder, "latin.toml") })).toThrow("expected text in UTF-8");
});

test("a section may not have the token that CLIENT_TOKEN or GLOBAL_WORKER_TOKEN is", () => {
  expect(() => open({ ...files, clientToken: "acme-token" })).toThrow("got that of CLIENT_TOKEN");
  expect(() => open({ ...files, globalWorkerToken: "w-token" })).toThrow("got that of GLOBAL_WORKER_TOKEN");
});

test("the default token in a section is refused in production, and named otherwise", () => {
  write("clients", '[acme]\ntoken = "secure-orchestrator-token"');
  write("workers", '[w]\ntoken = "secure-worker-token"');
  expect(open().defaultTokens()).toEqual(["[acme]", "[w]"]);
  expect(open({}).defaultTokens()).toEqual([]);
  expect(() => open(files, "production")).toThrow(
    "clients.toml: [acme] token: expected one of its own, got the default one (NODE_ENV is production)",
  );
});

test("a reload takes what is there now, and tells who came and went", () => {
  const access = open();
  const told: Change[] = [];
  access.onWorkers = (change) => told.push(change);
  write("workers", '[v]\ntoken = "v-token"');
  access.reload("workers");
  expect(told).toEqual([{ added: ["v"], changed: [], removed: ["w"] }]);
  expect(access.workers.bearer("w-token")).toBeUndefined();
  write("clients", '[acme]\ntoken = "new-token"');
  access.reload("clients");
  expect(access.clients.bearer("acme-token")).toBeUndefined();
  expect(access.clients.bearer("new-token")).toMatchObject({ id: "acme", admin: false });
  expect(logged.map(({ level, fields }) => [level, fields])).toEqual([
    ["info", { file: files.workersConfigPath, added: ["v"], changed: [], removed: ["w"] }],
    ["info", { file: files.clientsConfigPath, added: [], changed: ["acme"], removed: [] }],
  ]);
  expect(JSON.stringify(logged)).not.toContain("-token");
});

test("a file that can't be used changes nothing", () => {
  const access = open();
  access.onWorkers = () => expect.unreachable();
  write("workers", '[v]\ntoken = ""\n[x]');
  write("clients", "[acme]\ntoken = ");
  expect(() => access.reload("workers")).toThrow("workers.toml has 2 problems:");
  expect(() => access.reload("clients")).toThrow("it is not TOML");
  access.reloadAll();
  expect(access.workers.bearer("w-token")?.own?.id).toBe("w");
  expect(access.clients.bearer("acme-token")).toMatchObject({ id: "acme", plan: "p" });
  expect(logged).toEqual([
    {
      level: "error",
      fields: {
        file: files.clientsConfigPath,
        problems: [expect.stringContaining("line 2, column 9: it is not TOML")],
      },
      text: "the file can't be used: what was read before stays",
    },
    {
      level: "error",
      fields: {
        file: files.workersConfigPath,
        problems: expect.arrayContaining([expect.stringContaining("[v] token:")]),
      },
      text: "the file can't be used: what was read before stays",
    },
  ]);
});

test("without a file there is nothing to reload, and default stays", () => {
  const access = open({});
  expect(() => access.reload("clients")).toThrow("CLIENTS_CONFIG_PATH is not set: there is no file of clients to read");
  expect(() => access.reload("workers")).toThrow("WORKERS_CONFIG_PATH is not set: there is no file of workers to read");
  access.reloadAll();
  access.watch();
  access.close();
  expect(access.clients.get("default")).toMatchObject({ admin: true });
  expect(logged).toEqual([]);
});

test("a watched file is read when it changes, once per change", async () => {
  const access = open();
  access.watch();
  write("clients", "[acme");
  await expect.poll(() => logged.length, patience).toBe(1);
  expect(access.clients.bearer("acme-token")).toBeDefined();
  write("clients", '[other]\ntoken = "o"\nadmn = true');
  await expect.poll(() => access.clients.bearer("o")?.id, patience).toBe("other");
  expect(logged.map(({ level }) => level)).toEqual(["error", "warn", "info"]);
  access.close();
});

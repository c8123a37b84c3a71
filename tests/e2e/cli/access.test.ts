// The two files with the command line: what is wrong stops the start, SIGHUP reads them again, and no token gets out.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Folder, flow } from "./program.ts";

const folder = new Folder();
folder.write("flow.ts", flow("quick"));
folder.write(
  "work.ts",
  `import { StateMachineBlueprint } from "avtomatika";
export const work = new StateMachineBlueprint({ name: "work", apiVersion: "v1", apiEndpoint: "/work" });
work.handlerFor("start", { isStart: true }, ({ actions, client, logger }) => {
  logger.info({ client }, "a job of a client");
  actions.dispatchTask({ taskType: "work", transitions: { success: "end" } });
});
work.handlerFor("end", { isEnd: true }, ({ client }) => ({ client }));
`,
);
const args = ["start", "flow.ts", "work.ts", "--port", "0", "--host", "127.0.0.1"];
const files = { CLIENTS_CONFIG_PATH: "clients.toml", WORKERS_CONFIG_PATH: "workers.toml" };
const admin = '[ops]\ntoken = "ops-secret-token"\nadmin = true\n';

test("files that can't be used stop the start with all that is wrong, and exit status 1", async () => {
  folder.write("bad.toml", '[acme]\ntoken = "t0p-secret"\nadmin = "yes"\nmonthly_attempts = -1\n[system]\n');
  folder.write("twice.toml", '[a]\ntoken = "t0p-secret"\n[b]\ntoken = "t0p-secret"\n');
  folder.write("open.toml", '[acme]\ntoken = "secure-orchestrator-token"\n');
  folder.write("good.toml", '[w]\ntoken = "w"\n');
  const run = (env: Record<string, string>) => folder.run([...args, "--storage", "memory"], env);
  const [bad, twice, missing, open, fine] = await Promise.all([
    run({ CLIENTS_CONFIG_PATH: "bad.toml" }),
    run({ WORKERS_CONFIG_PATH: "twice.toml" }),
    run({ CLIENTS_CONFIG_PATH: "nowhere.toml" }),
    run({ CLIENTS_CONFIG_PATH: "open.toml", WORKERS_CONFIG_PATH: "good.toml", NODE_ENV: "production" }),
    run({ CLIENTS_CONFIG_PATH: "good.toml", NODE_ENV: "production" }),
  ]);
  expect(bad.stderr).toBe(`avtomatika: bad.toml has 4 problems:
- bad.toml: [acme] admin: expected true or false, got "yes"
- bad.toml: [acme] monthly_attempts: expected a whole number of at least 0, got -1
- bad.toml: [system]: expected a name of its own, got one of the engine's
- bad.toml: [system] token: expected a text of printable ASCII characters with no space at its ends, since it travels in a header, got nothing
`);
  expect(twice.stderr).toBe("avtomatika: twice.toml: [b] token: expected one of its own, got that of [a]\n");
  expect(missing.stderr).toBe(
    'avtomatika: CLIENTS_CONFIG_PATH: expected the path of a file, got "nowhere.toml": there is no such file\n',
  );
  expect(open.stderr).toBe(
    "avtomatika: open.toml: [acme] token: expected one of its own, got the default one (NODE_ENV is production)\n",
  );
  expect(fine.stderr).toBe(
    "avtomatika: GLOBAL_WORKER_TOKEN is the default one, which everybody knows: set it (NODE_ENV is production)\n",
  );
  for (const { code, stdout } of [bad, twice, missing, open, fine]) expect([code, stdout]).toEqual([1, ""]);
});

test("in production both files are enough; SIGHUP reads them again, an invalid one changes nothing", async () => {
  folder.write("clients.toml", admin);
  folder.write("workers.toml", "[w]\ntoken = 'w-secret-token'");
  const program = folder.start([...args, "--storage", "memory"], { ...files, NODE_ENV: "production" });
  const url = await program.url;
  // Nothing has changed: only the signal has them read.
  program.child.kill("SIGHUP");
  await program.told("the clients are read");
  await program.told("the workers are read");
  folder.write("clients.toml", `${admin}[acme`);
  folder.write("workers.toml", "[v]\ntoken = 'v-secret-token'");
  program.child.kill("SIGHUP");
  await program.told("it is not TOML");
  await program.told("the workers are read", 2);
  const status = async (token: string) =>
    (await fetch(`${url}/api/v1/jobs`, { headers: { "x-client-token": token } })).status;
  expect(await status("ops-secret-token")).toBe(200);
  folder.write("clients.toml", `${admin}[acme]\ntoken = 'acme-secret-token'`);
  program.child.kill("SIGHUP");
  await program.told("the clients are read", 2);
  expect([await status("ops-secret-token"), await status("acme-secret-token")]).toEqual([200, 200]);
  program.child.kill("SIGTERM");
  const { code, stderr } = await program.end;
  expect(code).toBe(0);
  expect(stderr).not.toContain("-secret-token");
});

test("engine.run() takes SIGHUP too, and without files the signal ends the process as ever", async () => {
  folder.write("clients.toml", admin);
  const program = folder.start(["start", "flow.ts", "--port", "0", "--host", "127.0.0.1", "--storage", "memory"]);
  await program.url;
  program.child.kill("SIGHUP");
  await program.end;
  expect(program.child.signalCode).toBe("SIGHUP");
  folder.write(
    "program.mjs",
    `import { MemoryStorage, OrchestratorEngine } from "avtomatika";
const engine = new OrchestratorEngine({ storage: new MemoryStorage() });
engine.app.addHook("onListen", async () => { console.log("listening"); });
await engine.run();
console.log("stopped");`,
  );
  const environment = { CLIENTS_CONFIG_PATH: "clients.toml", API_HOST: "127.0.0.1", API_PORT: "0" };
  const own = folder.program("program.mjs", environment);
  await own.url;
  own.child.kill("SIGHUP");
  await own.told("the clients are read");
  own.child.kill("SIGTERM");
  expect(await own.end).toMatchObject({ code: 0, stdout: "listening\nstopped\n" });
});

test("no token gets out: not into an answer, a log, an error, or the store", async () => {
  const names = ["ops", "acme", "gone", "set", "w", "removed", "shared", "hook-new", "hook-old"];
  const [ops, acme, gone, set, w, removed, shared, hookNew, hookOld] = names.map(secretOf) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const section = (id: string, token: string, more = "") => `[${id}]\ntoken = "${token}"\n${more}`;
  const hooks = `webhook_secret = ["${hookNew}", "${hookOld}"]\nplan = "p"\n`;
  const clients = section("ops", ops, "admin = true\n") + section("acme", acme, hooks);
  folder.write("clients.toml", clients + section("gone", gone));
  folder.write("workers.toml", section("w", w) + section("removed", removed));
  const program = folder.start([...args, "--storage", "sqlite:run/engine.db"], {
    ...files,
    CLIENT_TOKEN: set,
    GLOBAL_WORKER_TOKEN: shared,
    LOG_LEVEL: "trace",
  });
  const url = await program.url;
  const answers: string[] = [];
  const call = async (header: string, token: string, method: string, path: string, body?: object, more = {}) => {
    const headers = { [header]: token, "content-type": "application/json", ...more };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    answers.push(`${method} ${path} ${response.status} ${JSON.stringify([...response.headers])} ${text}`);
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  };
  const client = (token: string, method: string, path: string, body?: object) =>
    call("x-client-token", token, method, path, body);
  const worker = (token: string, method: string, path: string, body?: object) =>
    call("x-worker-token", token, method, path, body);
  const register = (token: string, id: string) =>
    worker(token, "POST", "/_worker/workers/register", { worker_id: id, supported_tasks: ["work"], token });

  for (const [token, id] of [
    [w, "w"],
    [removed, "removed"],
    [shared, "other"],
    [shared, "w"],
    [w, "removed"],
    [acme, "w"],
  ] as const) {
    await register(token, id);
  }
  for (const token of [ops, acme, gone, set, w]) {
    await client(token, "POST", "/api/v1/quick?wait=30", {});
    await client(token, "POST", "/api/v1/admin/reload-clients");
    for (const path of ["jobs", "workers", "dashboard", "blueprints"]) await client(token, "GET", `/api/v1/${path}`);
  }
  const created = await client(acme, "POST", "/api/v1/work", {});
  const task = await worker(w, "GET", "/_worker/workers/w/tasks/next");
  for (const path of ["", "/explain"]) await client(acme, "GET", `/api/v1/jobs/${created.body.job_id}${path}`);
  await client(gone, "GET", `/api/v1/jobs/${created.body.job_id}`);
  await worker(w, "PATCH", "/_worker/workers/w", { load: 1, token: w });
  const result = { job_id: task.body.job_id, task_id: task.body.task_id, result: null };
  await worker(removed, "POST", "/_worker/tasks/result", result);
  await worker(w, "POST", "/_worker/tasks/result", result);
  const ended = await client(acme, "GET", `/api/v1/jobs/${created.body.job_id}?wait=30`);
  expect(ended.body.result).toEqual({ client: { id: "acme", plan: "p", params: {} } });

  folder.write("clients.toml", clients);
  folder.write("workers.toml", section("w", w));
  expect((await client(ops, "POST", "/api/v1/admin/reload-clients")).status).toBe(200);
  expect((await client(ops, "POST", "/api/v1/admin/reload-workers")).status).toBe(200);
  expect((await client(gone, "GET", "/api/v1/jobs")).status).toBe(401);
  expect((await register(removed, "removed")).status).toBe(401);
  for (const broken of [
    `[acme]\ntoken = "${acme}`,
    section("a", acme) + section("b", acme),
    section("a", set),
    `[a]\ntoken = ["${acme}"]`,
    section("a", ops, `webhook_secret = ["${hookNew}", "${hookOld}", "${hookNew}"]`),
    section("a", ops, `admin = 1\ntokn = "${acme}"`),
  ]) {
    folder.write("clients.toml", broken);
    expect((await client(ops, "POST", "/api/v1/admin/reload-clients")).status).toBe(400);
    program.child.kill("SIGHUP");
  }
  await program.told("the file can't be used");
  program.child.kill("SIGTERM");
  const { stderr } = await program.end;
  expect(stderr).toContain("a job of a client");
  const stored = readdirSync(join(folder.path, "run")).map((name) => readFileSync(join(folder.path, "run", name)));
  expect(stored.some((bytes) => bytes.includes("acme"))).toBe(true);
  for (const name of names) {
    const secret = secretOf(name);
    const hash = createHash("sha256").update(secret);
    const forms = [secret, hash.copy().digest("base64url"), hash.digest("hex")];
    for (const form of forms) {
      expect(answers.filter((answer) => answer.includes(form))).toEqual([]);
      expect(stderr.split("\n").filter((line) => line.includes(form))).toEqual([]);
      expect(stored.some((bytes) => bytes.includes(form))).toBe(false);
    }
  }
});

function secretOf(name: string): string {
  return `${name}-${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;
}

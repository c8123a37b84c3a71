// The files are read again: by the route, when they change, and not when they can't be used.
import { errorAnswer, reloadAnswer, violations } from "@avtomatika/protocol";
import { expect, test } from "vitest";
import { AccessFiles, clientOf, workerOf } from "./access-files.ts";
import { type Served, serve } from "./served.ts";

const patience = { timeout: 20_000 };
const ops = '[ops]\ntoken = "ops-token"\nadmin = true\n';
const worker = (id: string, token = `${id}-token`) => `[${id}]\ntoken = "${token}"\n`;
const client = (id: string, token = `${id}-token`) => `[${id}]\ntoken = "${token}"\n`;

async function open(workers: string, clients = ops) {
  const files = new AccessFiles();
  files.write("clients", clients);
  files.write("workers", workers);
  const served = await serve({ ...files.config, workerPollTimeoutSeconds: 30 });
  return { files, served, admin: clientOf(served, "ops-token") };
}

async function reload(served: Served, kind: "clients" | "workers") {
  const answer = await clientOf(served, "ops-token")("POST", `/api/v1/admin/reload-${kind}`);
  if (answer.status === 200) expect(violations(reloadAnswer, answer.body)).toEqual([]);
  return answer;
}
const status = async (served: Served, token: string) => (await clientOf(served, token)("GET", "/api/v1/jobs")).status;
async function register(served: Served, id: string, token = `${id}-token`): Promise<number> {
  const body = { worker_id: id, supported_tasks: ["work"] };
  return (await workerOf(served, token)("POST", "/_worker/workers/register", { body })).status;
}
const poll = (served: Served, id: string, query = "", token = `${id}-token`) =>
  workerOf(served, token)("GET", `/_worker/workers/${id}/tasks/next${query}`);

test("by the route: who was added comes in, who was removed gets 401, and the jobs of a removed client run on", async () => {
  const { files, served, admin } = await open(worker("a"), ops + client("acme"));
  const acme = clientOf(served, "acme-token");
  const { job_id: id } = (await acme("POST", "/api/v1/work", { body: {} })).body;
  files.write("clients", ops + client("bolt"));
  expect(await reload(served, "clients")).toMatchObject({ status: 200, body: { status: "client_configs_reloaded" } });
  expect([await status(served, "acme-token"), await status(served, "bolt-token")]).toEqual([401, 200]);
  expect(await register(served, "a")).toBe(200);
  const { body: task } = await poll(served, "a");
  expect(task.job_id).toBe(id);
  const { job_id, task_id } = task;
  await workerOf(served, "a-token")("POST", "/_worker/tasks/result", { body: { job_id, task_id, result: null } });
  expect((await admin("GET", `/api/v1/jobs/${id}?wait=30`)).body.status).toBe("finished");

  files.write("workers", worker("b"));
  expect(await reload(served, "workers")).toMatchObject({ status: 200, body: { status: "worker_configs_reloaded" } });
  expect([await register(served, "a"), await register(served, "b")]).toEqual([401, 200]);
});

test("a client whose section was changed has what it says now, and its old token no longer", async () => {
  const { files, served } = await open(worker("a"), ops + client("acme"));
  const { job_id: id } = (await clientOf(served, "acme-token")("POST", "/api/v1/sleeper", { body: {} })).body;
  files.write("clients", `${ops + client("acme", "new-token")}admin = true\n`);
  expect((await reload(served, "clients")).status).toBe(200);
  expect(await status(served, "acme-token")).toBe(401);
  const acme = clientOf(served, "new-token");
  expect((await acme("GET", `/api/v1/jobs/${id}`)).status).toBe(200);
  expect((await acme("POST", "/api/v1/admin/reload-clients")).status).toBe(200);
});

test("a removed worker's task goes to another at once, its poll is cut, and it is not among the active ones", async () => {
  const { files, served, admin } = await open(worker("a") + worker("b") + worker("c"));
  for (const id of ["a", "b", "c"]) expect(await register(served, id)).toBe(200);
  const { job_id: id } = (await admin("POST", "/api/v1/work", { body: {} })).body;
  const { body: task } = await poll(served, "a");
  const parked = poll(served, "b");
  // It has asked for nothing yet: what is given back goes to the one that waits.
  files.write("workers", worker("c"));
  expect((await reload(served, "workers")).status).toBe(200);
  const began = performance.now();
  const { body: again } = await poll(served, "c");
  expect([again.job_id, again.task_id]).toEqual([id, task.task_id]);
  const late = workerOf(served, "a-token");
  const result = { job_id: id, task_id: task.task_id, worker_id: "a", result: null };
  expect((await late("POST", "/_worker/tasks/result", { body: result })).status).toBe(401);
  expect((await admin("GET", "/api/v1/workers")).body.map((each: { worker_id: string }) => each.worker_id)).toEqual([
    "c",
  ]);
  const cut = await parked;
  expect([cut.status, cut.body.code, violations(errorAnswer, cut.body)]).toEqual([401, "unauthorized", []]);
  expect(performance.now() - began).toBeGreaterThan(4000);
  const own = { ...result, worker_id: "c" };
  expect((await workerOf(served, "c-token")("POST", "/_worker/tasks/result", { body: own })).status).toBe(200);
  expect((await admin("GET", `/api/v1/jobs/${id}?wait=30`)).body.status).toBe("finished");
});

test("a poll by a token that was changed is cut before it gets a task; by the new one the worker goes on", async () => {
  const { files, served, admin } = await open(worker("a"));
  expect(await register(served, "a")).toBe(200);
  const { job_id: first } = (await admin("POST", "/api/v1/work", { body: {} })).body;
  const { body: task } = await poll(served, "a");
  const parked = poll(served, "a");
  await expect.poll(async () => (await admin("GET", "/api/v1/workers")).body.length, patience).toBe(1);
  files.write("workers", worker("a", "new-token"));
  expect((await reload(served, "workers")).status).toBe(200);
  await admin("POST", "/api/v1/work", { body: {} });
  expect((await poll(served, "a", "", "new-token")).status).toBe(200);
  // What it held it may still deliver.
  const body = { job_id: first, task_id: task.task_id, result: null };
  const answer = await workerOf(served, "new-token")("POST", "/_worker/tasks/result", { body });
  expect(answer.body).toEqual({ status: "result_accepted_success" });
  expect((await parked).status).toBe(401);
});

test("a worker that gets a token of its own is cut off from the shared one", async () => {
  const files = new AccessFiles();
  files.write("clients", ops);
  files.write("workers", worker("z"));
  const served = await serve({ ...files.config, globalWorkerToken: "shared-token", workerPollTimeoutSeconds: 30 });
  expect(await register(served, "a", "shared-token")).toBe(200);
  const parked = poll(served, "a", "", "shared-token");
  await expect
    .poll(async () => (await clientOf(served, "ops-token")("GET", "/api/v1/workers")).body.length, patience)
    .toBe(1);
  files.write("workers", worker("z") + worker("a"));
  expect((await reload(served, "workers")).status).toBe(200);
  const cut = await parked;
  expect([cut.status, cut.body.code]).toEqual([403, "forbidden"]);
  expect(await register(served, "a", "shared-token")).toBe(403);
  expect(await register(served, "a")).toBe(200);
});

test("an invalid file is a 400 with all that is wrong, and changes nothing", async () => {
  const { files, served } = await open(worker("a"), ops + client("acme"));
  files.write("clients", "[acme]\ntoken = 'x'\nadmin = 'yes'\nmonthly_attempts = -1\n[default]\ntoken = 'x'");
  const { status: code, body } = await reload(served, "clients");
  expect([code, body.code, violations(errorAnswer, body)]).toEqual([400, "invalid_request", []]);
  expect(body.details).toEqual([
    `${files.clients}: [acme] admin: expected true or false, got "yes"`,
    `${files.clients}: [acme] monthly_attempts: expected a whole number of at least 0, got -1`,
    `${files.clients}: [default]: expected a name of its own, got one of the engine's`,
    `${files.clients}: [default] token: expected one of its own, got that of [acme]`,
  ]);
  expect(body.error).toBe(`${body.details[0]} (and 3 more: see details)`);
  files.write("workers", "[a]\ntoken = 5");
  expect((await reload(served, "workers")).status).toBe(400);
  expect([await status(served, "acme-token"), await status(served, "x"), await register(served, "a")]).toEqual([
    200, 401, 200,
  ]);
});

test("without a file a reload is a 400 that names the variable", async () => {
  const served = await serve();
  for (const [kind, variable] of [
    ["clients", "CLIENTS_CONFIG_PATH"],
    ["workers", "WORKERS_CONFIG_PATH"],
  ]) {
    const { status: code, body } = await served.client("POST", `/api/v1/admin/reload-${kind}`);
    expect([code, body.error]).toEqual([400, `${variable} is not set: there is no file of ${kind} to read`]);
  }
});

test("a file that changes is read by itself; one that can't be used changes nothing until it can", async () => {
  const { files, served } = await open(worker("a"), ops + client("acme"));
  files.write("clients", `${ops}[acme\n`);
  files.write("workers", worker("b"));
  await expect.poll(() => register(served, "b"), patience).toBe(200);
  expect(await status(served, "acme-token")).toBe(200);
  files.write("clients", ops + client("bolt"));
  await expect.poll(() => status(served, "bolt-token"), patience).toBe(200);
  expect([await status(served, "acme-token"), await register(served, "a")]).toEqual([401, 401]);
});

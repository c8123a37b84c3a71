// Clients with tokens of their own: whose jobs they see, what they may do, what handlers know of them.
import { dashboard, errorAnswer, violations, workersAnswer } from "@avtomatika/protocol";
import { StateMachineBlueprint } from "avtomatika";
import { expect, test } from "vitest";
import { AccessFiles, type Call, clientOf } from "./access-files.ts";
import { flows } from "./flows.ts";
import { prepare, Served, serve } from "./served.ts";

const clients = `
[acme]
token = "acme-token"
plan = "premium"
languages = ["en", "de"]
[acme.limits]
pages = 5

[bolt]
token = "bolt-token"

[ops]
token = "ops-token"
admin = true
`;

/** An engine that tells its handlers' client, with three clients and a worker; answers the calls of each. */
async function open(overrides: Parameters<typeof serve>[0] = {}) {
  const files = new AccessFiles();
  files.write("clients", clients);
  const blueprints = [...flows(), who()];
  const served = await serve(
    { clientsConfigPath: files.clients, clientToken: undefined, ...overrides },
    { blueprints },
  );
  const [acme, bolt, ops] = ["acme", "bolt", "ops"].map((name) => clientOf(served, `${name}-token`)) as [
    Call,
    Call,
    Call,
  ];
  return { served, acme, bolt, ops };
}

function who(): StateMachineBlueprint {
  return new StateMachineBlueprint({ name: "who", apiVersion: "v1", apiEndpoint: "/who" }).handlerFor(
    "start",
    { isStart: true, isEnd: true },
    ({ client }) => ({ client }),
  );
}

async function create(call: Call, endpoint: string, headers = {}): Promise<string> {
  const { status, body } = await call("POST", `/api/v1/${endpoint}`, { body: {}, headers });
  expect(status).toBe(202);
  return body.job_id;
}
const ids = ({ body }: { body: { id: string }[] }) => body.map(({ id }) => id).sort();

test("handlers see who created the job, with plan and params, and no token", async () => {
  const { served, acme, bolt } = await open();
  const seen = async (call: Call) => (await call("POST", "/api/v1/who?wait=30", { body: {} })).body.result.client;
  const params = { languages: ["en", "de"], limits: { pages: 5 } };
  expect(await seen(acme)).toEqual({ id: "acme", plan: "premium", params });
  expect(await seen(bolt)).toEqual({ id: "bolt", plan: null, params: {} });
  const batch = await acme("POST", "/api/v1/who/batch", { body: { jobs: [{}] } });
  const [{ job_id: id }] = batch.body.jobs;
  expect((await acme("GET", `/api/v1/jobs/${id}?wait=30`)).body.result.client.plan).toBe("premium");
  // The same for jobs without HTTP, whose client need not be in the file.
  const made = async (options: object) => {
    const jobId = await served.engine.createJob("who", {}, options);
    return (await clientOf(served, "ops-token")("GET", `/api/v1/jobs/${jobId}?wait=30`)).body.result.client;
  };
  expect(await made({ clientId: "acme" })).toEqual({ id: "acme", plan: "premium", params });
  expect(await made({ clientId: "unlisted" })).toEqual({ id: "unlisted", plan: null, params: {} });
  expect(await made({})).toEqual({ id: "system", plan: null, params: {} });
  await expect(served.engine.createJob("who", {}, { clientId: "*" })).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining("clientId: expected 1 to 128 characters"),
  });
});

test("every route of a job is 404 for others than its owner and admins, and does nothing", async () => {
  const files = new AccessFiles();
  files.write("clients", clients);
  const engine = prepare({ clientsConfigPath: files.clients, clientToken: undefined });
  const routes: { method: string; url: string }[] = [];
  engine.app.addHook("onRoute", ({ method, url }) => {
    const isOfJob = url.startsWith("/api/v1/") && url.includes(":job_id");
    for (const each of [method].flat()) if (isOfJob && each !== "HEAD") routes.push({ method: each, url });
  });
  await engine.start();
  const served = new Served(engine);
  const [acme, bolt, ops] = ["acme", "bolt", "ops"].map((name) => clientOf(served, `${name}-token`)) as [
    Call,
    Call,
    Call,
  ];
  const waiting = await create(acme, "approval");
  const broken = await create(acme, "broken");
  const view = async (id: string) => (await acme("GET", `/api/v1/jobs/${id}`)).body;
  await expect
    .poll(async () => [(await view(waiting)).status, (await view(broken)).status], { timeout: 20_000 })
    .toEqual(["waiting_for_human", "quarantined"]);
  const before = [await view(waiting), await view(broken)];
  expect(routes.length).toBeGreaterThanOrEqual(6);
  for (const { method, url } of routes) {
    for (const id of [waiting, broken]) {
      const path = url.replace(":job_id", id).replaceAll(/:\w+/g, "x");
      const { status, body } = await bolt(method, path, method === "GET" ? {} : { body: { decision: "approved" } });
      expect([`${method} ${url}`, status, body.code]).toEqual([`${method} ${url}`, 404, "not_found"]);
      const unknown = path.replace(id, "00000000-0000-7000-8000-000000000000");
      const other = await bolt(method, unknown, method === "GET" ? {} : { body: { decision: "approved" } });
      expect([other.status, other.body.error]).toEqual([404, body.error]);
    }
  }
  expect([await view(waiting), await view(broken)]).toEqual(before);
  expect((await ops("GET", `/api/v1/jobs/${waiting}`)).body.waiting_for.token).toBe(before[0].waiting_for.token);
  const decided = await ops("POST", `/api/v1/jobs/${waiting}/approval`, { body: { decision: "approved" } });
  expect(decided.status).toBe(200);
  expect((await acme("POST", `/api/v1/jobs/${broken}/requeue`, { body: { patch: { mended: true } } })).status).toBe(
    200,
  );
});

test("lists and counts are of own jobs; an admin has all of them", async () => {
  const { acme, bolt, ops } = await open();
  const mine = [await create(acme, "sleeper"), await create(acme, "broken")].sort();
  const theirs = [await create(bolt, "sleeper"), await create(bolt, "sleeper")].sort();
  const counts = async (call: Call) => {
    const { body } = await call("GET", "/api/v1/dashboard");
    expect(violations(dashboard, body)).toEqual([]);
    return [body.jobs.sleeping, body.jobs.quarantined];
  };
  await expect.poll(() => counts(ops), { timeout: 20_000 }).toEqual([3, 1]);
  expect(await counts(acme)).toEqual([1, 1]);
  expect(await counts(bolt)).toEqual([2, 0]);
  expect(ids(await acme("GET", "/api/v1/jobs"))).toEqual(mine);
  expect(ids(await bolt("GET", "/api/v1/jobs"))).toEqual(theirs);
  expect(ids(await ops("GET", "/api/v1/jobs"))).toEqual([...mine, ...theirs].sort());
  const quarantined = async (call: Call) => (await call("GET", "/api/v1/jobs/quarantined")).body.length;
  expect([await quarantined(acme), await quarantined(bolt), await quarantined(ops)]).toEqual([1, 0, 1]);
});

test("an idempotency key is a client's own", async () => {
  const { acme, bolt } = await open();
  const headers = { "idempotency-key": "k" };
  const [one, other] = [await create(acme, "sleeper", headers), await create(bolt, "sleeper", headers)];
  expect(one).not.toBe(other);
});

test("admin routes are 403 for others than admins, and 401 without a token", async () => {
  const { served, acme, ops } = await open();
  for (const path of ["/api/v1/admin/reload-clients", "/api/v1/admin/reload-workers"]) {
    const { status, body } = await acme("POST", path, { raw: "no JSON" });
    expect([status, body.code, violations(errorAnswer, body)]).toEqual([403, "forbidden", []]);
    expect((await served.call("POST", path)).status).toBe(401);
  }
  expect((await ops("POST", "/api/v1/admin/reload-clients")).status).toBe(200);
});

test("plain clients see workers without their addresses, admins with", async () => {
  const { served, acme, ops } = await open();
  const addresses = { hostname: "h1", capabilities: { ip_address: "10.1.2.3", gpu: 1, s3: { endpoint_url: "u" } } };
  await served.register("w", { ...addresses, multi_orchestrator_info: { orchestrators: ["http://10.9.9.9"] } });
  const [plain] = (await acme("GET", "/api/v1/workers")).body;
  const [whole] = (await ops("GET", "/api/v1/workers")).body;
  expect(violations(workersAnswer, [plain, whole])).toEqual([]);
  expect(plain).toMatchObject({ worker_id: "w", capabilities: { gpu: 1 }, supported_tasks: ["work"] });
  expect(JSON.stringify(plain)).not.toMatch(/h1|10\.|"u"/);
  expect(whole).toMatchObject(addresses);
});

test("beside a file CLIENT_TOKEN that was set is the plain client default; the default one is nobody's", async () => {
  const { served } = await open({ clientToken: "set-token" });
  const plain = clientOf(served, "set-token");
  const id = await create(plain, "sleeper");
  expect(ids(await plain("GET", "/api/v1/jobs"))).toEqual([id]);
  expect((await plain("POST", "/api/v1/admin/reload-clients")).status).toBe(403);
  const without = (await open()).served;
  expect((await clientOf(without, "secure-orchestrator-token")("GET", "/api/v1/jobs")).status).toBe(401);
});

// What a review as an attacker looked for: each test is a way in, or a way to break something.
import { connect } from "node:net";
import { errorAnswer, violations } from "@avtomatika/protocol";
import { loadConfig, MemoryStorage } from "avtomatika";
import { createLogger } from "avtomatika/internal/server/logger";
import { expect, test } from "vitest";
import { AccessFiles, clientOf } from "../e2e/http/access-files.ts";
import { type Served, serve, tokens } from "../e2e/http/served.ts";
import { answersIn, say } from "./raw-sockets.ts";

function port(served: Served): number {
  return Number(new URL(served.engine.address).port);
}

/** The answer to a text over a socket. */
async function speak(served: Served, text: string) {
  return answersIn(await say({ kind: "", text, statuses: [0] }, port(served)), !text.startsWith("HEAD"));
}

test("a request without Host, and one with an unknown expectation, are answered like all others", async () => {
  const served = await serve();
  const [hostless] = await speak(served, "GET /_public/status HTTP/1.1\r\n\r\n");
  expect(hostless?.status).toBe(400);
  expect(violations(errorAnswer, JSON.parse(hostless?.text ?? ""))).toEqual([]);
  const [older] = await speak(served, "GET /_public/status HTTP/1.0\r\n\r\n");
  expect(older?.status).toBe(200);
  const [expecting] = await speak(served, "GET /_public/status HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n");
  expect(expecting?.status).toBe(200);
});

test("a path that can't be read is not quoted: a token may stand in its query", async () => {
  const served = await serve();
  const answer = await served.call("POST", "/_public/webhooks/approval/%zz?token=the-secret");
  expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
  expect(JSON.stringify(answer.body)).not.toContain("the-secret");
  const long = await served.client("GET", `/api/v1/jobs/${"x".repeat(5000)}`);
  expect([long.status, long.body.error]).toEqual([400, "a part of the path is longer than 4096 characters"]);
});

test("no spelling of a path leads past the token", async () => {
  const served = await serve();
  const id = await served.create("approval");
  for (const path of [
    `/api/v1/jobs/${id}`,
    `/%61pi/v1/jobs/${id}`,
    `/%61%70%69/%761/jobs/${id}`,
    `//api/v1/jobs/${id}`,
    `/api//v1/jobs/${id}`,
    `/API/v1/jobs/${id}`,
    `/api/v1/jobs/${id}/`,
    `/api/v1/jobs/${id}/.`,
    `/_public/..%2fapi/v1/jobs/${id}`,
    `/_public/%2e%2e/api/v1/jobs/${id}`,
    `/api/v1/jobs/${id};x`,
    `/api/v1/jobs/${id}%00`,
    "/%5fworker/tasks/x",
    "/_worker%2ftasks%2fx",
  ]) {
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      // As a proxy would send it too: fetch tidies paths up.
      for (const target of [path, `http://elsewhere${path}`]) {
        const [answer] = await speak(served, `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        expect([method, target, [400, 401, 404].includes(answer?.status ?? 0)]).toEqual([method, target, true]);
        expect(answer?.text).not.toContain("waiting_for");
      }
    }
  }
});

test("doubled headers are no second chance, and the first kind of header decides", async () => {
  const served = await serve();
  const status = async (...headers: string[]) => {
    const text = `GET /api/v1/jobs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers.map((each) => `${each}\r\n`).join("")}\r\n`;
    return (await speak(served, text))[0]?.status;
  };
  const right = tokens.clientToken;
  expect(await status(`X-Client-Token: ${right}`)).toBe(200);
  expect(await status("X-Client-Token: wrong", `X-Client-Token: ${right}`)).toBe(401);
  expect(await status(`X-Client-Token: ${right}`, `X-Client-Token: ${right}`)).toBe(401);
  expect(await status("Authorization: Bearer wrong", `Authorization: Bearer ${right}`)).toBe(401);
  expect(await status("X-Avtomatika-Token:", `X-Client-Token: ${right}`)).toBe(401);
  expect(await status(`X-Client-Token: ${right}, ${right}`)).toBe(401);
});

test("to a plain client the jobs of others don't exist, whatever it does", async () => {
  const files = new AccessFiles();
  files.write("clients", ["stranger", "one", "other"].map((id) => `[${id}]\ntoken = "${id}-token"\n`).join(""));
  const served = await serve({ clientsConfigPath: files.clients });
  const { engine } = served;
  const stranger = clientOf(served, "stranger-token");
  const ids = [await served.create("approval"), await engine.createJob("approval"), await served.create("broken")];
  await served.until(ids[2] as string, ({ status }) => status === "quarantined");
  for (const id of [ids[0], ids[2]] as string[]) expect((await served.view(id)).id).toBe(id);
  const own = (await stranger("POST", "/api/v1/approval", { body: {} })).body.job_id;
  for (const id of [...ids, "none"]) {
    const answers = await Promise.all([
      stranger("GET", `/api/v1/jobs/${id}`),
      stranger("GET", `/api/v1/jobs/${id}?wait=1`),
      stranger("GET", `/api/v1/jobs/${id}/explain`),
      stranger("POST", `/api/v1/jobs/${id}/cancel`),
      stranger("POST", `/api/v1/jobs/${id}/approval`, { body: { decision: "approved" } }),
      stranger("POST", `/api/v1/jobs/${id}/approval`, { body: { decision: "nonsense" } }),
      stranger("POST", `/api/v1/jobs/${id}/requeue`, { body: { state: "nonsense" } }),
      stranger("POST", `/api/v1/jobs/${id}/discard`),
    ]);
    for (const { status, body } of answers) expect([status, body.error]).toEqual([404, "there is no such job"]);
  }
  const list = async (query: string) => (await stranger("GET", `/api/v1/jobs${query}`)).body;
  expect((await list("")).map((job: { id: string }) => job.id)).toEqual([own]);
  expect(await list("/quarantined")).toEqual([]);
  const { jobs } = (await stranger("GET", "/api/v1/dashboard")).body;
  expect([jobs.waiting_for_human, jobs.quarantined]).toEqual([1, 0]);
  // Keys are each client's own.
  const create = (who: string) =>
    clientOf(served, `${who}-token`)("POST", "/api/v1/quick", { body: {}, headers: { "idempotency-key": "k" } });
  const [one, other] = [await create("one"), await create("other")];
  expect([one.status, other.status]).toEqual([202, 202]);
  expect(one.body.job_id).not.toBe(other.body.job_id);
  expect((await served.view(ids[0] as string)).status).toBe("waiting_for_human");
});

test("jobs of engine.createJob are the system's, and an admin sees them", async () => {
  const storage = new MemoryStorage();
  const served = await serve({}, { storage });
  const id = await served.engine.createJob("approval");
  const { found } = await storage.getJob({ jobId: id });
  expect(found?.job.owner).toBe("system");
  expect((await served.view(id)).id).toBe(id);
});

test("keys of prototypes are data wherever they come in", async () => {
  const served = await serve();
  const hostile = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1';
  const { body } = await served.client("POST", "/api/v1/work", { raw: `{${hostile}}` });
  await served.worker("POST", "/_worker/workers/register", {
    raw: `{"worker_id":"__proto__","supported_tasks":["work"],"resources":{${hostile}},"cost_per_skill":{"__proto__":1},${hostile}}`,
  });
  const beat = await served.worker("PATCH", "/_worker/workers/__proto__", {
    raw: `{"load":1,"hot_cache":["__proto__"],"progress":{"__proto__":{"progress":1}},"capabilities":{${hostile}},${hostile}}`,
  });
  expect(beat.status).toBe(200);
  const task = await served.take("__proto__");
  expect(Object.keys(task.params)).toEqual(["__proto__", "constructor", "toString"]);
  const { job_id, task_id } = task;
  const raw = `{"job_id":"${job_id}","task_id":"${task_id}","worker_id":"__proto__","result":{"data":{${hostile}},${hostile}}}`;
  expect((await served.worker("POST", "/_worker/tasks/result", { raw })).body.status).toBe("result_accepted_success");
  const view = await served.view(body.job_id, 30);
  expect(Object.keys(view.state_history)).toEqual(["__proto__", "constructor", "toString"]);
  const broken = await served.create("broken");
  await served.until(broken, ({ status }) => status === "quarantined");
  const patch = await served.client("POST", `/api/v1/jobs/${broken}/requeue`, {
    raw: `{"patch":{"mended":true,${hostile},"deep":{${hostile}}}}`,
  });
  expect(patch.status).toBe(200);
  expect((await served.view(broken, 30)).status).toBe("finished");
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(String({})).toBe("[object Object]");
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("%s is a name like any other", async (name) => {
  const served = await serve();
  for (const path of [`jobs/${name}`, `blueprints/${name}/graph`, `jobs/${name}/explain`]) {
    expect((await served.client("GET", `/api/v1/${path}`)).status).toBe(404);
  }
  const id = await served.create("work");
  await served.register(name);
  const { job_id, task_id } = await served.take(name);
  await served.worker("POST", "/_worker/tasks/result", { body: { job_id, task_id, worker_id: name, status: name } });
  const view = await served.view(id, 30);
  expect([view.status, view.error_message]).toEqual([
    "failed",
    `the worker answered status "${name}", which transitions don't list`,
  ]);
  const waiting = await served.create("approval");
  await served.until(waiting, ({ status }) => status === "waiting_for_human");
  const decided = await served.client("POST", `/api/v1/jobs/${waiting}/approval`, { body: { decision: name } });
  expect(decided.status).toBe(400);
});

test("a worker can't put words into our answers: cancel_task_ids are the engine's", async () => {
  const served = await serve();
  await served.register("w", { cancel_task_ids: ["another's"] });
  const { body } = await served.worker("PATCH", "/_worker/workers/w", { body: { load: 1, cancel_task_ids: 5 } });
  expect(body).not.toHaveProperty("cancel_task_ids");
});

test("keys with line breaks are judged like others", async () => {
  const served = await serve();
  for (const [body, message] of [
    [{ progress: { "a\nb": "half" } }, 'progress["a\\nb"]: expected an object'],
    [{ progress: { "a\u2028b": { progress: "half" } } }, 'progress["a\u2028b"].progress: expected a number'],
  ] as const) {
    const answer = await served.worker("PATCH", "/_worker/workers/w", { body });
    expect([answer.status, answer.body.error.startsWith(message)]).toEqual([400, true]);
  }
  const body = { worker_id: "w", supported_tasks: [], cost_per_skill: { "a\nb": "cheap" } };
  const answer = await served.worker("POST", "/_worker/workers/register", { body });
  expect(answer.body.error).toBe('cost_per_skill["a\\nb"]: expected a number, got a string ("cheap")');
});

test("an error of megabytes makes no list of megabytes", async () => {
  const served = await serve();
  const id = await served.create("work");
  await served.register("w");
  const message = "x".repeat(5_000_000);
  await served.report(await served.take("w"), "w", { status: "failure", error: { code: "PERMANENT_ERROR", message } });
  const view = await served.view(id, 30);
  expect(view.status).toBe("quarantined");
  expect(view.error_message).toContain("… (5000000 characters)");
  const { body } = await served.client("GET", "/api/v1/jobs");
  expect(JSON.stringify(body).length).toBeLessThan(20_000);
});

test("the link to the next page keeps every parameter, question marks too", async () => {
  const served = await serve();
  await served.create("sleeper");
  await served.create("sleeper");
  const { headers } = await served.client("GET", "/api/v1/jobs?limit=1&status=sleeping&x=a?b&blueprint=sleeper");
  const link = headers.get("link") ?? "";
  expect(link).toContain("blueprint=sleeper");
  const next = await served.client("GET", link.slice(1, link.indexOf(">")));
  expect(next.body).toHaveLength(1);
});

test("what comes from outside begins no line of a text log", () => {
  const lines: string[] = [];
  const config = loadConfig({ logFormat: "text" });
  const logger = createLogger(config, { write: (line) => lines.push(line) });
  logger.warn({ worker: "w\n12:00:00.000 ERROR forged", n: 1 }, "a message\nof two lines");
  expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
  expect(lines[0]).toContain('WARN "a message\\nof two lines" worker="w\\n12:00:00.000 ERROR forged" n=1');
});

test.each([
  ["brackets", "[".repeat(1 << 20)],
  ["one long number", `{"a":${"9".repeat(1 << 20)}}`],
  ["one long fraction", `{"a":0.${"0".repeat(1 << 20)}1}`],
  ["one long exponent", `{"a":1e${"9".repeat(1 << 20)}}`],
  ["minus signs", "-".repeat(1 << 20)],
  ["many large integers", `[${"9007199254740993,".repeat(61_000)}1]`],
  ["many NaN", `{"a":[${"NaN,".repeat(250_000)}1]}`],
  ["backslashes", `"${"\\".repeat(1 << 20)}`],
  ["escaped quotes", `"${'\\"'.repeat(1 << 19)}`],
  ["quotes", '"'.repeat(1 << 20)],
  ["line breaks before a fault", `${"\n".repeat(1 << 20)}x`],
  ["objects before a fault", `[${"{},".repeat(340_000)}x`],
  ["wrong entries", `{"progress":{${Array.from({ length: 90_000 }, (_, at) => `"${at}":1`).join()}}}`],
  ["wrong task types", `{"supported_tasks":[${Array(250_000).fill('"$"').join()}]}`],
  ["numeric keys", `{${Array.from({ length: 70_000 }, (_, at) => `"${4294967294 - at * 3}":1`).join()}}`],
])("a body within the limits keeps nobody waiting: %s", async (_name, raw) => {
  const served = await serve();
  const began = performance.now();
  const answers = await Promise.all([
    served.client("POST", "/api/v1/quick", { raw: raw.slice(0, 1 << 20) }),
    served.worker("PATCH", "/_worker/workers/w", { raw: raw.slice(0, 1 << 20) }),
  ]);
  for (const { status } of answers) expect([200, 202, 400]).toContain(status);
  // Whatever isn't linear takes minutes.
  expect(performance.now() - began).toBeLessThan(3000);
});

test("who sends too much is told so, though it reads the answer only after it has sent everything", async () => {
  const served = await serve();
  const size = 40 * 1024 * 1024;
  const socket = connect(port(served), "127.0.0.1").pause();
  const heard = new Promise<string>((resolve, reject) => {
    socket.on("data", (part) => resolve(part.toString())).on("error", reject);
  });
  heard.catch(() => {});
  const write = (part: string | Buffer) => new Promise<unknown>((resolve) => socket.write(part, resolve));
  await write(
    `POST /api/v1/quick/batch HTTP/1.1\r\nHost: a\r\nX-Client-Token: ${tokens.clientToken}\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
  );
  for (let sent = 0; sent < size; sent += size / 40) {
    await write(Buffer.alloc(size / 40, " "));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.resume();
  expect((await heard).slice(0, 12)).toBe("HTTP/1.1 413");
  socket.destroy();
});

test("many requests cut in the middle of their bodies leave the engine as it was", async () => {
  const served = await serve();
  const head = `POST /api/v1/quick HTTP/1.1\r\nHost: a\r\nX-Client-Token: ${tokens.clientToken}\r\nContent-Type: application/json\r\n`;
  const sockets = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const socket = connect(port(served), "127.0.0.1").on("error", () => {});
      await new Promise((resolve) => socket.write(`${head}Content-Length: 1000\r\n\r\n{"a":`, resolve));
      return socket;
    }),
  );
  const id = await served.create("quick");
  for (const socket of sockets) socket.destroy();
  expect((await served.view(id, 30)).status).toBe("finished");
  expect((await served.client("GET", "/api/v1/jobs")).body).toHaveLength(1);
});

import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { loadConfig } from "#config/load-config";
import { StateMachineBlueprint } from "#core/blueprint";
import { AvtomatikaError } from "#core/errors";
import type { Logger } from "#core/logger";
import type { Orchestrator, Poll } from "#engine/orchestrator";
import { Access } from "#server/access/access";
import { App } from "#server/app";

const config = loadConfig({ clientToken: "c", globalWorkerToken: "w", apiPort: 0 });
const worker = { "x-worker-token": "w" };
const polls = "/_worker/workers/w1/tasks/next";
const apps: App[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.fastify.close();
});

/** The server over an engine that only does what the test says; answers its URL and what it logged. */
async function listen(orchestrator: Partial<Orchestrator>, pollErrorDelayMs = 60_000) {
  const app = new App();
  apps.push(app);
  const logged: object[] = [];
  const logger = { error: (fields: object) => logged.push(fields) } as unknown as Logger;
  const known = { blueprints: () => [], blueprint: () => undefined, ...orchestrator } as unknown as Orchestrator;
  const access = new Access(config, logger);
  app.serve({ orchestrator: known, access, config, logger, drawGraph: async () => "", pollErrorDelayMs });
  return { app, logged, url: await app.fastify.listen({ host: "127.0.0.1", port: 0 }) };
}

test("error answers to a poll are held back: 401, 400, 404, 405, 503", async () => {
  const delay = 300;
  const { url } = await listen({ poll: () => Promise.reject(new AvtomatikaError("store_unavailable", "away")) }, delay);
  const began = performance.now();
  const answers = await Promise.all([
    fetch(url + polls),
    fetch(url + polls, { headers: { "x-worker-token": "wrong" } }),
    fetch(`${url}${polls}?limit=0`, { headers: worker }),
    fetch(`${url}/_worker/workers/a/b/tasks/next`, { headers: worker }),
    fetch(url + polls, { method: "HEAD", headers: worker }),
    fetch(url + polls, { headers: worker }),
  ]);
  expect(performance.now() - began).toBeGreaterThanOrEqual(delay - 5);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 400, 404, 405, 503]);
  expect(answers.at(-1)?.headers.get("retry-after")).toBe("5");
});

test("polls are held back however their paths are written, also those that can't be read", async () => {
  const delay = 300;
  const { app } = await listen({}, delay);
  const began = performance.now();
  const spellings = [
    "/_worker/workers/%zz/tasks/next",
    `/_worker/workers/${"w".repeat(5000)}/tasks/next`,
    "/%5fworker/workers/w/tasks/nex%74?limit=1",
    "/_worker/workers/a%2Fb/tasks/next",
  ];
  for (const url of spellings) {
    const { statusCode } = await app.fastify.inject(url);
    expect([url, [400, 401].includes(statusCode)]).toEqual([url, true]);
  }
  expect(performance.now() - began).toBeGreaterThanOrEqual(spellings.length * (delay - 5));
});

test("other errors are answered at once, and so are polls beyond a thousand", async () => {
  const { app, url } = await listen({});
  expect((await fetch(`${url}/_worker/tasks/x`)).status).toBe(401);
  const held = Array.from({ length: 1000 }, () => app.fastify.inject(polls).then((answer) => answer));
  expect((await app.fastify.inject(polls)).statusCode).toBe(401);
  await app.fastify.close();
  expect(new Set((await Promise.all(held)).map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
});

test("a client that goes frees its place, and a closing server waits for nobody's pause", async () => {
  const { app, url } = await listen({});
  const arrival = () => new Promise<void>((resolve) => app.fastify.server.once("request", () => resolve()));
  const controller = new AbortController();
  const first = arrival();
  const gone = fetch(url + polls, { signal: controller.signal });
  await first;
  controller.abort();
  await expect(gone).rejects.toThrow();
  const second = arrival();
  const held = fetch(url + polls);
  await second;
  await app.fastify.close();
  expect((await held).status).toBe(401);
});

test("a task is delivered once it was written, and given back if the socket closed before", async () => {
  const calls: string[] = [];
  let answer: (poll: Poll) => void = () => {};
  const handed = {
    taskId: "t",
    jobId: "j",
    type: "work",
    params: {},
    trace: {},
    priority: 0,
    attempt: 1,
    deadline: 1500,
  };
  const poll: Poll = {
    tasks: [handed],
    delivered: () => calls.push("delivered"),
    undelivered: () => calls.push("undelivered"),
  };
  const asked: (() => void)[] = [];
  const { url } = await listen({
    poll: () => {
      asked.shift()?.();
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  const ask = () => new Promise<void>((resolve) => asked.push(resolve));

  const first = ask();
  const response = fetch(url + polls, { headers: worker });
  await first;
  answer(poll);
  expect(await (await response).json()).toMatchObject({ task_id: "t", deadline: 1.5, tracing_context: {} });
  expect(calls).toEqual(["delivered"]);

  const second = ask();
  const controller = new AbortController();
  const gone = fetch(url + polls, { headers: worker, signal: controller.signal });
  await second;
  controller.abort();
  await expect(gone).rejects.toThrow();
  await expect.poll(async () => (await fetch(`${url}/_public/status`)).status).toBe(200);
  answer(poll);
  await expect.poll(() => calls).toEqual(["delivered", "undelivered"]);
});

test("a socket that closes while a task is on its way gives the task back", async () => {
  const calls: string[] = [];
  const params = { big: "x".repeat(50 * 1024 * 1024) };
  const poll: Poll = {
    tasks: [{ taskId: "t", jobId: "j", type: "work", params, trace: {}, priority: 0, attempt: 1, deadline: 0 }],
    delivered: () => calls.push("delivered"),
    undelivered: () => calls.push("undelivered"),
  };
  const { url } = await listen({ poll: async () => poll });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(`GET ${polls} HTTP/1.1\r\nHost: a\r\nX-Worker-Token: w\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.destroy();
  await expect.poll(() => calls).toEqual(["undelivered"]);
});

test("a poll of too many is answered 204 after the pause", async () => {
  const { url } = await listen({ poll: async () => null }, 100);
  const began = performance.now();
  expect((await fetch(url + polls, { headers: worker })).status).toBe(204);
  expect(performance.now() - began).toBeGreaterThan(95);
});

test("a client whose quota is used up is told when the month is over, in a batch per entry", async () => {
  const blueprint = new StateMachineBlueprint({ name: "b", apiVersion: "v1", apiEndpoint: "/b" });
  const definition = blueprint.handlerFor("start", { isStart: true, isEnd: true }, () => {}).define();
  const { url } = await listen({
    blueprints: () => [definition],
    createJobs: async (creations) =>
      creations.map((_, at) =>
        at === creations.length - 1
          ? { outcome: "over_quota", retryAfterMs: 86_400_500 }
          : { outcome: "created", jobId: `j${at}` },
      ),
  });
  const headers = { "x-client-token": "c", "content-type": "application/json" };
  const single = await fetch(`${url}/api/v1/b`, { method: "POST", headers, body: "{}" });
  expect([single.status, single.headers.get("retry-after")]).toEqual([429, "86401"]);
  expect(await single.json()).toMatchObject({ code: "quota_exceeded" });
  const body = JSON.stringify({ jobs: [{}, {}] });
  const batch = await fetch(`${url}/api/v1/b/batch`, { method: "POST", headers, body });
  expect([batch.status, await batch.json()]).toEqual([
    202,
    {
      jobs: [
        { status: "accepted", job_id: "j0" },
        { status: "rejected", code: "quota_exceeded", error: expect.any(String) },
      ],
    },
  ]);
});

test("a fault of the engine is logged with its request's id, and told to nobody", async () => {
  const fault = new Error("the secret of the inside");
  const { url, logged } = await listen({ results: () => Promise.reject(fault) });
  const headers = { ...worker, "content-type": "application/json" };
  const body = JSON.stringify({ job_id: "j", task_id: "t", result: null });
  const response = await fetch(`${url}/_worker/tasks/result`, { method: "POST", headers, body });
  const answer = (await response.json()) as Record<string, unknown>;
  expect([response.status, answer["code"]]).toEqual([500, "internal_error"]);
  expect(JSON.stringify(answer)).not.toContain("secret");
  expect(logged).toEqual([
    { err: fault, request_id: answer["request_id"], method: "POST", route: "/_worker/tasks/result" },
  ]);
});

test("a store that is away makes /ready a 503", async () => {
  const { url } = await listen({ ready: async () => false });
  const response = await fetch(`${url}/_public/ready`);
  expect([response.status, await response.json()]).toEqual([503, { status: "unavailable" }]);
});

test("connections are kept longer than the Python SDK keeps them", async () => {
  const { app } = await listen({});
  expect(app.fastify.server.keepAliveTimeout).toBeGreaterThan(15_000);
});

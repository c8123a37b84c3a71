import { errorAnswer, violations } from "@avtomatika/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { prepare, Served } from "./served.ts";

const odd = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "\u0000",
  "\ud800",
  "💥",
  "a/b",
  "..",
  "*",
  "$x",
  "x".repeat(200),
  "null",
  "-1",
];
const word = fc.oneof(fc.constantFrom(...odd), fc.string({ unit: "binary", maxLength: 20 }));
const keys = [
  "initial_data",
  "priority",
  "metadata",
  "dispatch_timeout",
  "result_timeout",
  "webhook_events",
  "decision",
  "token",
  "state",
  "patch",
  "jobs",
  "job_id",
  "task_id",
  "worker_id",
  "result",
  "results",
  "status",
  "data",
  "error",
  "supported_tasks",
  "supported_skills",
  "progress",
  "load",
  "hot_cache",
  "hot_skills",
  "skill_dependencies",
  "current_tasks",
  "resources",
  "capabilities",
  "max_concurrent_tasks",
  "cost_per_skill",
];
const number = fc.constantFrom(0, -1, 1.5, 1e308, -1e308, 1e-320, 3e12, 2 ** 53);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    number,
    word,
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), word), tie("json"), { maxKeys: 5 }),
  ),
}));
const body = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  fc.dictionary(fc.constantFrom(...keys), json, { maxKeys: 6 }).map((value) => JSON.stringify(value)),
  fc.string({ maxLength: 30 }),
);

test("no input makes a 5xx, and every refusal has the form of all errors", async () => {
  const engine = prepare({ workerPollTimeoutSeconds: 0.001 });
  const routes: { method: string; url: string }[] = [];
  engine.app.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat())
      if (each !== "HEAD" && !url.endsWith("/tasks/next") && !url.endsWith("/graph"))
        routes.push({ method: each, url });
  });
  await engine.start();
  const served = new Served(engine);
  const ids = [
    await served.create("approval"),
    await served.create("work"),
    await served.create("broken", {}, "?wait=30").catch(() => ""),
  ];
  const parameter = fc.oneof(word, fc.constantFrom(...ids), fc.constant(`${ids[1]}_1_0_1`));
  const query = fc.dictionary(
    fc.constantFrom("wait", "fields", "limit", "offset", "cursor", "status", "blueprint", "token"),
    word,
    { maxKeys: 3 },
  );
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), parameter, query, body, async ({ method, url }, value, given, raw) => {
      const path = url.replaceAll(/:\w+/g, encodeURIComponent(value.toWellFormed()));
      const search = new URLSearchParams(given).toString();
      const call = url.startsWith("/_worker") ? served.worker.bind(served) : served.client.bind(served);
      const answer = await call(method, `${path}?${search}`, method === "GET" ? {} : { raw });
      statuses.add(answer.status);
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400) expect(violations(errorAnswer, answer.body)).toEqual([]);
    }),
    { numRuns: 1500 },
  );
  expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 202, 400, 404]));
  expect((await served.call("GET", "/_public/ready")).status).toBe(200);
});

import { blueprintsAnswer, violations } from "@avtomatika/protocol";
import { StateMachineBlueprint } from "avtomatika";
import { expect, test } from "vitest";
import { prepare, serve } from "./served.ts";

function flow(name: string, apiEndpoint?: string, apiVersion?: string): StateMachineBlueprint {
  const blueprint = new StateMachineBlueprint({ name, apiEndpoint, apiVersion });
  return blueprint.handlerFor("start", { isStart: true, isEnd: true }, () => {});
}

test("the other routes exist under every version in use, and under v1 always; each serves jobs of all", async () => {
  const served = await serve({}, { blueprints: [flow("two", "/jobs/two", "v2"), flow("child")] });
  const { body } = await served.client("POST", "/api/v2/jobs/two", { body: {} });
  for (const base of ["/api/v1", "/api/v2", "/api"]) {
    expect((await served.client("GET", `${base}/jobs/${body.job_id}`)).status).toBe(200);
    // There is no file.
    expect((await served.client("POST", `${base}/admin/reload-workers`)).status).toBe(400);
  }
  expect((await served.client("GET", "/api/v3/jobs")).status).toBe(404);
});

test("without a blueprint without a version there are no routes without one", async () => {
  const served = await serve({}, { blueprints: [flow("one", "x", "v1")] });
  expect((await served.client("GET", "/api/jobs")).status).toBe(404);
  expect((await served.client("GET", "/api/v1/jobs")).status).toBe(200);
});

test("the clients' prefix is configurable", async () => {
  const served = await serve({ clientApiPrefix: "/my/api/" }, { blueprints: [flow("one", "x", "v1")] });
  expect((await served.client("POST", "/my/api/v1/x", { body: {} })).status).toBe(202);
  expect((await served.call("GET", "/my/api/v1/jobs")).status).toBe(401);
  expect((await served.client("GET", "/api/v1/jobs")).status).toBe(404);
  const { body } = await served.client("GET", "/my/api/v1/blueprints");
  expect(violations(blueprintsAnswer, body)).toEqual([]);
  expect(body).toEqual([
    { name: "one", api_version: "v1", api_endpoint: "/x", path: "/my/api/v1/x", states: ["start"] },
  ]);
});

test.each([
  [[flow("a", "x", "v1"), flow("b", "/x", "v1")], "POST /v1/x"],
  [[flow("a", "x", "v1"), flow("b", "x/batch", "v1")], "POST /v1/x/batch"],
  [[flow("a", "v1/x"), flow("b", "x", "v1")], "POST /v1/x"],
  [[flow("a", "jobs/x/cancel", "v1")], "POST /v1/jobs/x/cancel"],
  [[flow("a", "jobs/x/discard", "v7")], "POST /v7/jobs/x/discard"],
  [[flow("a", "admin/reload-clients", "v1")], "POST /v1/admin/reload-clients"],
  [[flow("a", "v2/admin/reload-workers"), flow("b", "y", "v2")], "POST /v2/admin/reload-workers"],
  [[flow("a", "v2/jobs/x/requeue"), flow("b", "y", "v2")], "POST /v2/jobs/x/requeue"],
])("an endpoint that collides with another route is an error at registration", async (blueprints, path) => {
  expect(() => prepare({}, undefined, blueprints)).toThrow(path);
});

test("endpoints of different versions, and with other methods, don't collide", async () => {
  const blueprints = [
    flow("a", "x", "v1"),
    flow("b", "x", "v2"),
    flow("c", "x"),
    flow("d", "workers", "v1"),
    flow("e", "jobs/new", "v1"),
  ];
  const served = await serve({}, { blueprints });
  for (const path of ["/api/v1/x", "/api/v2/x", "/api/x", "/api/v1/workers", "/api/v1/jobs/new"]) {
    expect((await served.client("POST", path, { body: {} })).status).toBe(202);
  }
});

test("two blueprints of one name are an error at registration", () => {
  expect(() => prepare({}, undefined, [flow("a"), flow("a")])).toThrow('there is a blueprint "a" already');
});

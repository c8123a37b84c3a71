// The OpenAPI document and the page that shows it.
import { Validator } from "@seriousme/openapi-schema-validator";
import { StateMachineBlueprint } from "avtomatika";
import { catalogue } from "avtomatika/internal/core/errors";
import { described } from "avtomatika/internal/server/openapi/find-operation";
import { expect, test } from "vitest";
import { z } from "zod";
import { flows } from "./flows.ts";
import { prepare, Served, serve } from "./served.ts";

function flow(name: string, options: object): StateMachineBlueprint {
  const blueprint = new StateMachineBlueprint({ name, ...options });
  return blueprint.handlerFor("start", { isStart: true, isEnd: true }, () => {});
}

function document(served: Served) {
  return served.call("GET", "/_public/openapi.json").then(({ body }) => body);
}

/** Three versions, and names that no component may have. */
const many = () => [
  ...flows(),
  flow("second", { apiVersion: "v2", apiEndpoint: "/deep/second" }),
  flow("old", { apiEndpoint: "/old" }),
  flow("müller & söhne", { apiEndpoint: "/a" }),
  flow("m_ller & s_hne", { apiEndpoint: "/b" }),
  flow("without a route", {}),
];

test("it is valid OpenAPI 3.1", async () => {
  const served = await serve({}, { blueprints: many() });
  const { status, headers, body } = await served.call("GET", "/_public/openapi.json");
  expect([status, headers.get("content-type"), body.openapi]).toEqual([
    200,
    "application/json; charset=utf-8",
    "3.1.0",
  ]);
  const { valid, errors } = await new Validator().validate(body);
  expect([valid, errors]).toEqual([true, undefined]);
  const ids = operations(body).map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("it has every route of the engine, and no other; what a program added is not in it", async () => {
  const engine = prepare({ clientApiPrefix: "my/api" }, undefined, many());
  const routes: string[] = [];
  engine.app.get("/own/:id", async () => ({}));
  engine.app.addHook("onRoute", ({ method, url }) => {
    const methods = [method].flat().filter((each) => each !== "HEAD");
    routes.push(...methods.map((each) => `${each} ${url.replaceAll(/:(\w+)/g, "{$1}")}`));
  });
  await engine.start();
  const { paths } = await document(new Served(engine));
  const told = Object.entries<object>(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(told.sort()).toEqual(routes.sort());
  expect(told).toContain("POST /my/api/v2/deep/second/batch");
});

test("nothing is described that isn't there", async () => {
  const served = await serve();
  const { paths } = await document(served);
  const there = described.map((route) => {
    const [method = "", path = ""] = route.replaceAll(/:(\w+)/g, "{$1}").split(" ");
    return (paths[path] ?? paths[`/api/v1${path}`])?.[method.toLowerCase()] !== undefined;
  });
  expect(described.filter((_route, at) => !there[at])).toEqual([]);
});

test("each blueprint with a route has a tag, a creation and a batch", async () => {
  const served = await serve({}, { blueprints: many() });
  const body = await document(served);
  for (const { name, path } of (await served.client("GET", "/api/v1/blueprints")).body) {
    const tagged = operations(body).filter(({ tags }) => tags.includes(name));
    expect([name, tagged.length]).toEqual([name, path === null ? 0 : 2]);
    if (path !== null) expect([body.paths[path].post, body.paths[`${path}/batch`].post]).toEqual(tagged);
  }
});

test("everything that a caller sends is described, with its bounds", async () => {
  const body = await document(await serve({ waitLimitSeconds: 7, bodyLimitBytes: 5000 }));
  const { post } = body.paths["/api/v1/quick"];
  const parameters = Object.fromEntries(post.parameters.map((each: { name: string }) => [each.name, each]));
  expect(parameters["wait"].schema).toEqual({ type: "number", minimum: 0, maximum: 7 });
  expect(parameters["Idempotency-Key"].schema).toEqual({ type: "string", minLength: 1, maxLength: 255 });
  expect(post.requestBody["x-max-bytes"]).toBe(5000);
  expect(post.security).toEqual([{ AvtomatikaToken: [] }, { ClientToken: [] }, { ClientBearer: [] }]);
  for (const { parameters: given = [], operationId } of operations(body)) {
    for (const { name, description } of given)
      expect([operationId, name, typeof description]).toEqual([operationId, name, "string"]);
  }
  const { priority } = body.components.schemas.CreationEnvelope.properties;
  expect(priority).toMatchObject({ type: ["number", "null"], minimum: -1000, maximum: 1000 });
});

test("every error has its code and its status, and every code that leaves the process stands there", async () => {
  const body = await document(await serve());
  for (const [code, answer] of Object.entries<{ content: object }>(body.components.responses)) {
    expect(Object.keys(catalogue)).toContain(code);
    expect(JSON.stringify(answer.content)).toContain(`"enum":["${code}"]`);
  }
  const { responses } = body.paths["/api/v1/jobs/{job_id}/cancel"].post;
  expect(Object.keys(responses)).toEqual(["200", "400", "401", "404", "409", "413", "415", "429", "500", "503"]);
  expect(body.components.responses.store_unavailable.headers["Retry-After"]).toBeDefined();
  expect(body.components.responses.rate_limited.headers["Retry-After"]).toBeDefined();
});

test("the JSON Schema of an inputSchema stands in the creation, its references too", async () => {
  interface Tree {
    value: number;
    children: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ value: z.number(), children: z.array(tree) }));
  const inputSchema = z.object({ tree, size: z.number().default(1) });
  const dated = z.object({ at: z.date() });
  const silent = { "~standard": { version: 1, vendor: "x", validate: (value: unknown) => ({ value }) } };
  const served = await serve(
    {},
    {
      blueprints: [
        flow("typed tree", { apiEndpoint: "/tree", inputSchema }),
        flow("dated", { apiEndpoint: "/dated", inputSchema: dated }),
        flow("silent", { apiEndpoint: "/silent", inputSchema: silent }),
      ],
    },
  );
  const body = await document(served);
  const { schema } = body.paths["/api/tree"].post.requestBody.content["application/json"];
  expect(JSON.stringify(schema)).toContain('"initial_data":{"$ref":"#/components/schemas/Input_typed_tree"}');
  expect(body.components.schemas.Input_typed_tree).toMatchObject({ type: "object", required: ["tree"] });
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, pointer = ""]) => pointer);
  for (const pointer of new Set(references)) expect([pointer, at(body, pointer)]).not.toEqual([pointer, undefined]);
  // What can't say so in JSON Schema takes any object.
  for (const path of ["/api/dated", "/api/silent"]) {
    expect(body.paths[path].post.requestBody.content["application/json"].schema).toEqual({
      $ref: "#/components/schemas/Creation",
    });
  }
});

test("the page and its files come from the engine, and a browser may ask nobody else", async () => {
  const served = await serve();
  const page = await served.call("GET", "/_public/docs");
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  const policy = (page.headers.get("content-security-policy") ?? "").split("; ");
  expect(policy).toContain("default-src 'none'");
  for (const rule of policy) expect(rule).toMatch(/^[a-z-]+( '(none|self|unsafe-inline)'| data:)+$/);
  const named = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
  expect(named.length).toBeGreaterThan(3);
  for (const address of named) {
    const { pathname, host } = new URL(address, `${served.engine.address}/_public/docs`);
    expect(`http://${host}`).toBe(served.engine.address);
    const file = await served.call("GET", pathname);
    expect([address, file.status, file.headers.get("x-content-type-options")]).toEqual([address, 200, "nosniff"]);
    expect(file.body.length).toBeGreaterThan(100);
    // A style sheet loads what it names.
    const loads = address.endsWith(".css") ? [...file.body.matchAll(/url\((?!["']?data:)|@import/g)] : [];
    expect(loads).toEqual([]);
  }
  const start = await served.call("GET", "/_public/docs/page.js");
  expect(start.body).toContain('url: "openapi.json"');
  expect(start.body).not.toMatch(/https?:/);
  expect((await served.call("GET", "/_public/docs/..%2Fpackage.json")).status).toBe(404);
  expect((await served.call("GET", "/_public/docs/constructor")).status).toBe(404);
});

// biome-ignore lint/suspicious/noExplicitAny: a document is whatever it says
function operations(body: any): any[] {
  return Object.values<object>(body.paths).flatMap((item) => Object.values(item));
}

/** What a JSON pointer leads to. */
function at(body: unknown, pointer: string): unknown {
  const keys = pointer.slice(1).split("/");
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
}

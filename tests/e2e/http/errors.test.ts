import { connect } from "node:net";
import { errorAnswer, violations } from "@avtomatika/protocol";
import { expect, test } from "vitest";
import { prepare, Served, serve } from "./served.ts";

test("a wrong method is a 405 that names the right ones", async () => {
  const served = await serve();
  const { status, body, headers } = await served.client("DELETE", "/api/v1/jobs");
  expect([status, body.code, headers.get("allow")]).toEqual([405, "method_not_allowed", "GET, HEAD"]);
  expect(body.error).toBe("/api/v1/jobs has no method DELETE, only GET, HEAD");
});

test("a wrong path is told with the nearest route, or with where they all are", async () => {
  const served = await serve();
  const told = async (method: string, path: string) => {
    const { status, body } = await served.client(method, path);
    return `${status} ${body.error}`;
  };
  expect(await told("POST", "/api/v1/quik")).toBe(
    '404 there is no route POST /api/v1/quik, did you mean "POST /api/v1/quick"?',
  );
  expect(await told("POST", "/quick")).toBe('404 there is no route POST /quick, did you mean "POST /api/v1/quick"?');
  expect(await told("PUT", "/api/v1/quick")).toBe("405 /api/v1/quick has no method PUT, only POST");
  expect(await told("POST", "/api/v1/jobs/1/canel")).toContain('did you mean "POST /api/v1/jobs/1/cancel"?');
  expect(await told("GET", "/favicon.ico")).toBe(
    "404 there is no route GET /favicon.ico; /_public/docs shows all routes",
  );
});

test.each([
  ["text/plain", 415],
  ["application/x-www-form-urlencoded", 415],
  ["application/jsonp", 415],
  ["multipart/form-data; boundary=x", 415],
  ["application/json", 202],
  ["application/json; charset=utf-8", 202],
  ["application/vnd.api+json", 202],
  ["nothing", 202],
])("a body of %s is a %i", async (type, status) => {
  const served = await serve();
  const answer = await served.client("POST", "/api/v1/quick", {
    raw: new TextEncoder().encode("{}"),
    headers: type === "nothing" ? {} : { "content-type": type },
  });
  expect(answer.status).toBe(status);
});

test("bodies that aren't UTF-8, or are compressed, are refused", async () => {
  const served = await serve();
  const bytes = await served.client("POST", "/api/v1/quick", { raw: new Uint8Array([0x7b, 0xff, 0x7d]) });
  expect([bytes.status, bytes.body.error]).toEqual([400, "the body is not UTF-8"]);
  const zipped = await served.client("POST", "/api/v1/quick", { raw: "{}", headers: { "content-encoding": "gzip" } });
  expect(zipped.status).toBe(415);
});

test("a byte order mark is no fault", async () => {
  const served = await serve();
  expect((await served.client("POST", "/api/v1/quick", { raw: '\ufeff{"a":1}' })).status).toBe(202);
});

test.each(["/api/v1/jobs/%zz", "/%", "/api/v1/jobs/%ff", "/%2e%2e/%00", `/api/v1/jobs/${"x".repeat(10_000)}`])(
  "a path that can't be read is an error of the client, in the form of all errors: %.30s",
  async (path) => {
    const served = await serve();
    const { status, body } = await served.client("GET", path);
    expect([400, 404]).toContain(status);
    expect(violations(errorAnswer, body)).toEqual([]);
  },
);

test.each([
  ["NONSENSE\r\n\r\n", "400"],
  [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(40_000)}\r\n\r\n`, "431"],
  ["POST /api/v1/quick HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400"],
])("what isn't HTTP is answered in the form of all errors: %.30s", async (text, status) => {
  const served = await serve();
  const answer = await speak(Number(new URL(served.engine.address).port), text);
  expect(answer.split(" ")[1]).toBe(status);
  expect(violations(errorAnswer, JSON.parse(answer.slice(answer.indexOf("{"))))).toEqual([]);
});

test("a fault inside is a 500 that tells nothing but the request's id", async () => {
  const engine = prepare({});
  engine.app.get("/own", () => {
    throw new Error("secret of the inside");
  });
  engine.app.post("/own", () => ({ fine: true }));
  await engine.start();
  const served = new Served(engine);
  const { status, body } = await served.call("GET", "/own");
  expect(status).toBe(500);
  expect(violations(errorAnswer, body)).toEqual([]);
  expect(JSON.stringify(body)).not.toContain("secret");
  // Own routes aren't authenticated, and keep Fastify's parsers.
  const text = await served.call("POST", "/own", { raw: "text", headers: { "content-type": "text/plain" } });
  expect([text.status, text.body]).toEqual([200, { fine: true }]);
});

test("every answer but 204 has a JSON body or says what else it is", async () => {
  const served = await serve();
  expect((await served.call("GET", "/_public/status")).body).toEqual({ status: "ok" });
  expect((await served.call("GET", "/_public/ready")).body).toEqual({ status: "ok" });
  const dot = await served.client("GET", "/api/v1/blueprints/quick/graph");
  expect(dot.headers.get("content-type")).toContain("text/vnd.graphviz");
  expect(dot.body).toContain('digraph "quick"');
  const svg = await served.client("GET", "/api/v1/blueprints/quick/graph?format=svg");
  expect(svg.headers.get("content-type")).toContain("image/svg+xml");
  expect(svg.body).toContain("<svg");
  expect((await served.client("GET", "/api/v1/blueprints/quick/graph?format=png")).status).toBe(400);
  const unknown = await served.client("GET", "/api/v1/blueprints/quik/graph");
  expect([unknown.status, unknown.body.error]).toEqual([404, 'there is no blueprint "quik", did you mean "quick"?']);
});

/** Sends text over a socket; answers what comes back until it closes. */
function speak(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

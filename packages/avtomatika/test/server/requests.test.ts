import { expect, test } from "vitest";
import { loadConfig } from "#config/load-config";
import { withoutAddresses } from "#server/answer/without-addresses";
import { workerEntry } from "#server/answer/worker-entry";
import { createLogger } from "#server/logger";
import { nearRoute } from "#server/near-route";
import { hostOf } from "#server/rate-limits";
import { fingerprint } from "#server/request/fingerprint";
import { readResult } from "#server/request/read-report";
import { traceOf } from "#server/request/trace-context";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("the address %s counts as %s", (address, host) => {
  expect(hostOf(address)).toBe(host);
});

test("a fingerprint doesn't depend on the order of keys, and on nothing else", () => {
  const one = fingerprint({ a: [1, { b: 2, c: null }], d: "x" });
  expect(fingerprint({ d: "x", a: [1, { c: null, b: 2 }] })).toBe(one);
  for (const other of [
    { a: [1, { b: 2 }], d: "x" },
    { a: [{ b: 2, c: null }, 1], d: "x" },
    { a: [1, { b: "2", c: null }], d: "x" },
  ]) {
    expect(fingerprint(other)).not.toBe(one);
  }
  expect(fingerprint(["1"])).not.toBe(fingerprint([1]));
});

test.each([
  [{ status: "failure" }, { status: "failure", data: null, error: null }],
  [
    { status: null, error_message: "old" },
    { status: "success", data: null, error: { code: "TRANSIENT_ERROR", message: "old" } },
  ],
  [
    { status: "failure", error: { code: "X", message: { a: 1 } } },
    { status: "failure", data: null, error: { code: "X", message: '{"a":1}' } },
  ],
  [
    { status: "failure", error: {} },
    { status: "failure", data: null, error: { code: "TRANSIENT_ERROR", message: "the worker gave no reason" } },
  ],
  [
    { status: "failure", error: ["odd"] },
    { status: "failure", data: null, error: { code: "TRANSIENT_ERROR", message: '["odd"]' } },
  ],
  [
    { status: "s".repeat(129) },
    {
      status: "failure",
      data: null,
      error: { code: "TRANSIENT_ERROR", message: expect.stringContaining("1 to 128 characters") },
    },
  ],
  [false, { status: "success", data: null, error: null }],
])("a result of %j", (result, report) => {
  expect(readResult({ job_id: "j", task_id: "t", result })).toEqual({ jobId: "j", taskId: "t", worker: "*", report });
});

const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
test.each([
  [{ traceparent: good }, { traceparent: good }],
  [
    { traceparent: good, tracestate: "a=1" },
    { traceparent: good, tracestate: "a=1" },
  ],
  [{ traceparent: good, tracestate: "x".repeat(513) }, { traceparent: good }],
  [{ traceparent: good, tracestate: "a=\u0001" }, { traceparent: good }],
])("a trace context of the right form is kept: %j", (headers, trace) => {
  expect(traceOf(headers)).toEqual(trace);
});

test.each([good.toUpperCase(), good.replace("00-", "ff-"), `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, "", "x"])(
  "a traceparent of the wrong form begins a new trace: %s",
  (traceparent) => {
    const trace = traceOf({ traceparent, tracestate: "a=1" });
    expect(Object.keys(trace)).toEqual(["traceparent"]);
    expect(trace["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(trace["traceparent"]).not.toBe(traceparent);
  },
);

test("plain clients don't see the addresses of workers", () => {
  const record = { hostname: "h", ip_address: "1.2.3.4", capabilities: { ip_address: "1.2.3.4", x: 1 } };
  const worker = { id: "w", record, seenAt: 0, openTasks: 1, reputation: 0.5 };
  const known = { worker_id: "w", open_tasks: 1, reputation: 0.5, last_seen_at: "1970-01-01T00:00:00.000Z" };
  expect(workerEntry(worker, false)).toEqual({ capabilities: { x: 1 }, ...known });
  expect(workerEntry(worker, true)).toEqual({ ...record, ...known });
});

test.each([
  ["ip", "1.2.3.4"],
  ["IPs", ["1.2.3.4"]],
  ["ip_address", "1.2.3.4"],
  ["publicIp", "::1"],
  ["hostname", "h"],
  ["hostName", "h"],
  ["host", { name: "h" }],
  ["address", "somewhere"],
  ["url", "x"],
  ["callback-url", "x"],
  ["s3_endpoint", "x"],
  ["engine", "http://10.0.0.1:8080"],
  ["socket", "WSS://x"],
])("a field %s is an address", (key, value) => {
  const record = { [key]: value, kept: [{ [key]: value, deep: 1 }, "HTTP"], capabilities: { [key]: value } };
  expect(withoutAddresses(record)).toEqual({ kept: [{ deep: 1 }, "HTTP"], capabilities: {} });
  expect(withoutAddresses({ urlList: [1], mirrors: ["http://a", "b"] })).toEqual({ mirrors: ["b"] });
});

test("nothing else of a record is an address", () => {
  const record = {
    worker_id: "w",
    description: "a host with an ip",
    chip: "x",
    ghost: true,
    hosting: 1,
    port: 80,
    resources: { gpu_info: null, cpu_cores: 4, installed_models: [{ name: "m", version: "1.2.3.4" }] },
    ["__proto__"]: { a: 1 },
  };
  expect(withoutAddresses(record)).toEqual(record);
});

test("logs are JSON, or lines for people", () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  createLogger(loadConfig(), stream).info({ a: 1 }, "text");
  expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 30, a: 1, msg: "text" });
  const logger = createLogger(loadConfig({ logFormat: "text", logLevel: "warn" }), stream);
  logger.info("hidden");
  logger.warn({ a: "x", b: [1] }, "shown");
  logger.error({ err: new Error("oh") }, "failed");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN shown a=x b=\[1\]\n$/);
  expect(lines[2]).toMatch(/ERROR failed\nError: oh\n/);
  expect(lines).toHaveLength(3);
});

const routes = [
  "GET /api/v1/jobs",
  "GET /api/v1/jobs/:id",
  "POST /api/v1/jobs/:id/cancel",
  "POST /api/v1/jobs/hello",
  "POST /api/v1/jobs/hello/batch",
  "POST /_worker/workers/register",
  "GET /_worker/workers/:worker_id/tasks/next",
].map((text) => {
  const [method = "", path = ""] = text.split(" ");
  return { method, path };
});

test.each([
  ["a letter", "POST /api/v1/jobs/helo", "/api/v1/jobs/hello"],
  ["two slips", "POST /api/v1/job/helo", "/api/v1/jobs/hello"],
  ["a slip beside a parameter", "POST /api/v1/jobs/01a2-b/cancle", "/api/v1/jobs/01a2-b/cancel"],
  ["a slip before a parameter", "GET /_worker/worker/w/tasks/next", "/_worker/workers/w/tasks/next"],
  ["the prefix", "POST /jobs/hello", "/api/v1/jobs/hello"],
  ["the version", "POST /api/jobs/hello", "/api/v1/jobs/hello"],
  ["the name", "POST /api/v1/jobs", "/api/v1/jobs/hello"],
  ["nothing, but it is another method", "GET /api/v1/jobs/hello/batch", undefined],
  ["nothing: it is right", "GET /api/v1/jobs/1", undefined],
  ["a parameter", "GET /api/v1/jobz/", undefined],
  ["too much", "GET /v1", "/api/v1/jobs"],
  ["everything", "GET /", undefined],
  ["everything, with a word", "GET /favicon.ico", undefined],
  ["no method of these", "DELETE /api/v1/jobs", undefined],
  ["nothing that is short", `POST /api/v1/jobs/${"a".repeat(200)}/cancle`, undefined],
])("the route that was meant where this is wrong or missing: %s", (_, text, meant) => {
  const [method = "", path = ""] = text.split(" ");
  expect(nearRoute(method, path, routes)).toBe(meant);
});

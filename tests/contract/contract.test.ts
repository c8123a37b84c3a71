// Whoever holds answers against the document has to notice when they differ.
import { expect, test } from "vitest";
import { serve } from "../e2e/http/served.ts";
import { Contract } from "./contract.ts";

async function readContract(): Promise<Contract> {
  const served = await serve();
  return new Contract((await served.call("GET", "/_public/openapi.json")).body);
}

const json = (status: number, body: unknown) => ({
  status,
  contentType: "application/json; charset=utf-8",
  text: JSON.stringify(body),
});

const entry = {
  id: "a",
  job_id: "a",
  blueprint_name: "x",
  status: "pending",
  current_state: "start",
  error_message: null,
  parent_job_id: null,
  created_at: "2030-01-01T00:00:00.000Z",
  updated_at: "2030-01-01T00:00:00.000Z",
  ended_at: null,
};
const error = { error: "no", code: "not_found", request_id: "1" };

test("answers as the document has them", async () => {
  const contract = await readContract();
  expect(contract.faultOf("GET", "/api/v1/jobs?limit=1", json(200, [entry]))).toBe(null);
  expect(contract.faultOf("GET", "/api/v1/jobs/x", json(404, error))).toBe(null);
  expect(contract.faultOf("GET", "/api/v1/nothing", json(404, error))).toBe(null);
  const none = { status: 204, contentType: "", text: "" };
  expect(contract.faultOf("GET", "/_worker/workers/w/tasks/next", none)).toBe(null);
  expect(contract.faultOf("GET", "/own", { status: 200, contentType: "text/plain", text: "mine" })).toBe(null);
});

test.each([
  ["another name", [{ ...entry, ended_at: undefined, endedAt: null }], "ended_at"],
  ["one field more", [{ ...entry, owner: "me" }], "additional properties"],
  ["another type", [{ ...entry, created_at: 5 }], "created_at"],
  ["a time of another form", [{ ...entry, created_at: "2030-01-01 00:00" }], "date-time"],
  ["a word that isn't one", [{ ...entry, status: "done" }], "status"],
])("an answer differs: %s", async (_name, body, words) => {
  const contract = await readContract();
  expect(contract.faultOf("GET", "/api/v1/jobs", json(200, body))).toContain(words);
});

test.each([
  ["a status that isn't there", "/api/v1/jobs", json(418, error), "418, which the document doesn't have"],
  ["a code of another status", "/api/v1/jobs/x", json(404, { ...error, code: "conflict" }), "code"],
  ["an error with more", "/api/v1/jobs/x", json(404, { ...error, stack: "at …" }), "additional properties"],
  ["another type", "/api/v1/jobs", { ...json(200, []), contentType: "text/html" }, 'type "text/html"'],
  ["a body", "/_worker/workers/w/tasks/next", json(204, {}), "with a body"],
  ["a route that isn't there", "/api/v1/secret", json(200, {}), "the document has no GET /api/v1/secret"],
])("an answer differs: %s", async (_name, path, told, words) => {
  const contract = await readContract();
  expect(contract.faultOf("GET", path, told)).toContain(words);
});

// Bounds that are too large, or too slow, to be met by chance: each exactly reached, and passed by one.
import type { Attack, Expected } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";

const mebibyte = 1024 * 1024;

/** `ended` is the id of a job that has ended. */
export function boundAttacks(ended: string): Attack[] {
  const quick = "POST /api/v1/quick";
  const batch = "POST /api/v1/quick/batch";
  const one = "POST /_worker/tasks/result";
  const many = "POST /_worker/tasks/results";
  const ids = '{"job_id":"a","task_id":"b","result":null}';
  const sizes = [
    [quick, '{"a":1}', mebibyte, 202],
    [one, ids, 16 * mebibyte, 200],
    [batch, '{"jobs":[{}]}', 32 * mebibyte, 202],
    [many, `{"results":[${ids}]}`, 32 * mebibyte, 200],
    ["POST /_public/webhooks/approval/:job_id", '{"decision":"x","token":"y"}', mebibyte, 401],
  ] as const;
  const counts = [
    [batch, '{"jobs":[', "{}", 202],
    [many, '{"results":[', ids, 200],
  ] as const;
  const metadata = (length: number): string => `{"initial_data":{},"metadata":{"a":"${"x".repeat(length - 8)}"}}`;
  return [
    ...sizes.flatMap(([route, body, size, status]) => [
      order(route, body.padEnd(size), { status: [status] }),
      order(route, body.padEnd(size + 1), { status: [413], message: String(size) }),
    ]),
    ...counts.flatMap(([route, begin, entry, status]) => [
      order(route, `${begin}${Array(1000).fill(entry)}]}`, { status: [status] }),
      order(route, `${begin}${Array(1001).fill(entry)}]}`, { status: [400], message: "1000" }),
      order(route, `${begin}]}`, { status: [400], message: "1000" }),
    ]),
    order(quick, metadata(16_384), { status: [202] }),
    order(quick, metadata(16_385), { status: [400], message: "metadata: 16385 bytes, 16384 are allowed" }),
    look("GET /api/v1/jobs/:job_id", `/api/v1/jobs/${ended}?wait=60`, { status: [200] }),
    look("GET /api/v1/jobs/:job_id", `/api/v1/jobs/${ended}?wait=60.001`, { status: [400], message: "wait" }),
    look("GET /api/v1/jobs", "/api/v1/jobs?limit=1000&offset=10000", { status: [200] }),
    look("GET /api/v1/jobs", `/api/v1/jobs?cursor=${"x".repeat(1001)}`, { status: [400], message: "cursor" }),
    look("GET /api/v1/jobs", `/api/v1/jobs?limit=${"9".repeat(400)}`, { status: [400], message: "limit" }),
    look("GET /_worker/workers/:worker_id/tasks/next", `/_worker/workers/w1/tasks/next?timeout=${"9".repeat(400)}`, {}),
  ];
}

function order(route: string, body: string, expected: Expected): Attack {
  const [method = "", path = ""] = route.split(" ");
  return { ...look(route, path.replace(":job_id", "a"), expected), kind: "bound", method, body };
}

function look(route: string, path: string, expected: Expected): Attack {
  const headers = {
    "content-type": "application/json",
    "x-client-token": tokens.client,
    "x-worker-token": tokens.worker,
  };
  return { route, kind: "bound", method: "GET", path, headers, body: null, expected };
}

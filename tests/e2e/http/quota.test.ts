// A client's quota, from its file to its answers.
import { expect, test } from "vitest";
import { AccessFiles, clientOf } from "./access-files.ts";
import { serve } from "./served.ts";

test("a client's monthly_attempts are counted: over them 429, a repeat is none, a batch goes entry by entry", async () => {
  const files = new AccessFiles();
  files.write("clients", '[acme]\ntoken = "acme-token"\nmonthly_attempts = 4\n\n[bolt]\ntoken = "bolt-token"\n');
  const served = await serve({ clientsConfigPath: files.clients, clientToken: undefined });
  const acme = clientOf(served, "acme-token");
  const create = (key: string) => acme("POST", "/api/v1/quick", { body: {}, headers: { "idempotency-key": key } });

  const first = await create("a");
  expect([first.status, (await create("a")).status]).toEqual([202, 200]);
  expect((await acme("POST", "/api/v1/quick", { body: { initial_data: 5 } })).status).toBe(400);

  const { status, body } = await acme("POST", "/api/v1/quick/batch", { body: { jobs: [{}, 5, {}, {}, {}] } });
  expect(status).toBe(202);
  const outcomes = body.jobs.map((entry: { status: string; code?: string }) => entry.code ?? entry.status);
  expect(outcomes).toEqual(["accepted", "invalid_request", "accepted", "accepted", "quota_exceeded"]);

  const over = await create("b");
  expect([over.status, over.body.code]).toEqual([429, "quota_exceeded"]);
  const retryAfter = Number(over.headers.get("retry-after"));
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(31 * 86_400);
  const again = await create("a");
  expect([again.status, again.body.job_id]).toEqual([200, first.body.job_id]);
  expect((await clientOf(served, "bolt-token")("POST", "/api/v1/quick", { body: {} })).status).toBe(202);
});

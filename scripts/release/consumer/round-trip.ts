// A worker and a client of a user's, at the engine of `flow.ts`: node round-trip.ts URL
import assert from "node:assert/strict";
import { AvtomatikaClient } from "@avtomatika/client";
import { PermanentError, Worker } from "@avtomatika/worker";

const [, , url = ""] = process.argv;
const worker = new Worker({ orchestratorUrl: url, token: "worker-secret", workerId: "price-1" });
worker.task<{ item: string; amount: number }>("price", ({ item, amount }) => {
  if (item !== "cup") throw new PermanentError(`no price for ${item}`);
  return { total: amount * 3 };
});
await worker.start();

const client = new AvtomatikaClient({ url, token: "client-secret" });
const bought = await client.jobs.run<{ item: string; amount: number }, { total: number }>("/jobs/order", {
  item: "cup",
  amount: 14,
});
assert.equal(bought.status, "finished");
assert.deepEqual(bought.result, { total: 42 });
const refused = await client.jobs.run("/jobs/order", { item: "moon", amount: 1 });
assert.equal(refused.status, "quarantined");
assert.match(refused.errorMessage ?? "", /no price for moon/);

await client.close();
await worker.stop();
console.log("ok: a task done, a task refused");

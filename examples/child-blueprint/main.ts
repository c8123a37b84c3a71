// A job that runs another blueprint as its child and goes on by the child's outcome.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

const order = new StateMachineBlueprint({ name: "order", apiVersion: "v1", apiEndpoint: "/jobs/order" });
order.handlerFor("start", { isStart: true }, ({ initialData, actions }) =>
  actions.runBlueprint({
    blueprintName: "payment",
    initialData: { amount: initialData.amount },
    transitions: { success: "shipped", failure: "refused" },
  }),
);
order.handlerFor("shipped", { isEnd: true }, ({ sub_job_result }) => ({ receipt: sub_job_result.result.receipt }));
order.handlerFor("refused", { isEnd: true }, ({ sub_job_result }) => ({ why: sub_job_result.error_message }));

// Without an endpoint it can only be a child (or be started by engine.createJob).
const payment = new StateMachineBlueprint({ name: "payment" });
payment.handlerFor("start", { isStart: true }, ({ initialData, actions }) => {
  if (initialData.amount > 1000) return actions.fail("the limit is 1000");
  return actions.finish({ receipt: `paid ${initialData.amount}` });
});

await serve({ blueprints: [order, payment] }, async (client) => {
  const small = await client.run("/api/v1/jobs/order", { amount: 20 });
  assert.deepEqual(small.result, { receipt: "paid 20" });
  assert.equal(small.child_job_ids.length, 1);
  const child = await client.end(small.child_job_ids[0] ?? "");
  assert.equal(child.status, "finished");

  const large = await client.run("/api/v1/jobs/order", { amount: 2000 });
  assert.equal(large.current_state, "refused");
  assert.deepEqual(large.result, { why: "the limit is 1000" });
  console.log(`ok: the child's outcome chose the parent's way (${small.result.receipt}; ${large.result.why})`);
});

// One state, several handlers: the first whose condition holds runs, the one without a condition is the fallback.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "orders", apiVersion: "v1", apiEndpoint: "/jobs/orders" });

flow.handlerFor("start", { isStart: true }, ({ actions }) => actions.transitionTo("decision_step"));
flow
  .handlerFor("decision_step")
  .when("context.initial_data.type == 'urgent'", ({ actions }) => actions.transitionTo("urgent_processing"));
flow
  .handlerFor("decision_step")
  .when("context.initial_data.items.size() > 100 && context.initial_data.customer.plan != 'free'", ({ actions }) =>
    actions.transitionTo("bulk_processing"),
  );
// A condition may be a function as well.
flow.handlerFor("decision_step").when(
  ({ initialData }) => initialData.items.length === 0,
  ({ actions }) => actions.transitionTo("nothing_to_do"),
);
flow.handlerFor("decision_step", ({ actions }) => actions.transitionTo("normal_processing"));
for (const end of ["urgent_processing", "bulk_processing", "nothing_to_do", "normal_processing"]) {
  flow.handlerFor(end, { isEnd: true }, () => {});
}

await serve({ blueprints: [flow] }, async (client) => {
  const items = Array.from({ length: 101 }, (_, at) => at);
  const cases: [object, string][] = [
    [{ type: "urgent", items }, "urgent_processing"],
    [{ type: "plain", items, customer: { plan: "paid" } }, "bulk_processing"],
    [{ type: "plain", items, customer: { plan: "free" } }, "normal_processing"],
    // No customer: a condition on a field that isn't there doesn't hold.
    [{ type: "plain", items }, "normal_processing"],
    [{ type: "plain", items: [] }, "nothing_to_do"],
  ];
  for (const [initialData, expected] of cases) {
    const job = await client.run("/api/v1/jobs/orders", initialData);
    assert.equal(job.current_state, expected);
  }
  console.log(`ok: ${cases.length} jobs took the way their data asks for`);
});

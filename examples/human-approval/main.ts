// A job that waits for a person: decided once by a client, once by whoever holds the wait's own token.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import type { Client, JobView } from "../support/client.ts";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "publication", apiVersion: "v1", apiEndpoint: "/jobs/publication" });

flow.handlerFor("start", { isStart: true }, ({ initialData, actions }) =>
  actions.awaitHumanApproval({
    integration: "newsroom",
    message: `Publish "${initialData.title}"?`,
    transitions: { approved: "published", rejected: "withdrawn" },
    timeoutSeconds: 3600,
    timeoutState: "withdrawn",
  }),
);
flow.handlerFor("published", { isEnd: true }, ({ approval }) => ({ comment: approval.comment }));
flow.handlerFor("withdrawn", { isEnd: true }, () => {});

/** The job, as soon as it waits for a person. */
async function asked(client: Client, id: string): Promise<JobView> {
  for (;;) {
    const job = await client.call<JobView>("GET", `/api/v1/jobs/${id}`);
    if (job.status === "waiting_for_human") return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await serve({ blueprints: [flow] }, async (client) => {
  const first = await client.create("/api/v1/jobs/publication", { title: "Good news" });
  const { waiting_for: wait } = await asked(client, first);
  assert.deepEqual(wait.decisions, ["approved", "rejected"]);
  await client.call("POST", `/api/v1/jobs/${first}/approval`, { decision: "approved", comment: "go ahead" });
  assert.deepEqual((await client.end(first)).result, { comment: "go ahead" });

  // A second decision comes too late.
  const late = client.call("POST", `/api/v1/jobs/${first}/approval`, { decision: "rejected" });
  await assert.rejects(late, /409/);

  // A page or a bot that got the token needs no client's token; it is posted to the path that the wait shows.
  const second = await client.create("/api/v1/jobs/publication", { title: "Bad news" });
  const { path, token } = (await asked(client, second)).waiting_for;
  await client.call("POST", path, { decision: "rejected", token });
  assert.equal((await client.end(second)).current_state, "withdrawn");
  console.log(`ok: one was approved by the client, the other one rejected by its token`);
});

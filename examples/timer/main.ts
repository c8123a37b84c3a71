// A durable timer: the job sleeps in the store, no handler and no slot waits with it.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "reminder", apiVersion: "v1", apiEndpoint: "/jobs/reminder" });

flow.handlerFor("start", { isStart: true }, ({ initialData, stateHistory, now, actions }) => {
  stateHistory.asleep = now().getTime();
  return actions.sleep({ seconds: initialData.seconds }, "remind");
});
flow.handlerFor("remind", ({ stateHistory, now, actions }) => {
  stateHistory.slept = now().getTime() - stateHistory.asleep;
  // A time of day, as a Date or RFC 3339 text; one that is past wakes at once.
  return actions.sleep({ until: "2001-02-03T04:05:06Z" }, "done");
});
flow.handlerFor("done", { isEnd: true }, ({ slept }) => ({ slept }));

await serve({ blueprints: [flow] }, async (client) => {
  const job = await client.run("/api/v1/jobs/reminder", { seconds: 0.5 });
  assert.equal(job.status, "finished");
  assert.ok(job.result.slept >= 500, `slept ${job.result.slept} ms`);
  console.log("ok: the job slept for at least 500 ms");
});

// What the engine makes of a failed task depends on the code of its error.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "fetching", apiVersion: "v1", apiEndpoint: "/jobs/fetching" });

flow.handlerFor("start", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchTask({
    taskType: "fetch_page",
    params: { url: initialData.url },
    retry: { maxRetries: 2, delaySeconds: 0.1 },
    transitions: {
      success: "done",
      // A transition named like the code wins over what the engine would do.
      GONE_ERROR: "gone",
    },
  }),
);
flow.handlerFor("done", { isEnd: true }, ({ attempts }) => ({ attempts }));
flow.handlerFor("gone", { isEnd: true }, ({ task_error }) => ({ why: task_error.message }));

const failure = (code: string, message: string) => ({ status: "failure", error: { code, message } });
const skills = {
  fetch_page: ({ url }: { url: string }, attempt: number) => {
    if (url === "busy" && attempt < 3) return failure("TRANSIENT_ERROR", "try again");
    if (url === "down") return failure("TRANSIENT_ERROR", "try again");
    if (url === "broken") return failure("PERMANENT_ERROR", "not a page");
    if (url === "") return failure("INVALID_INPUT_ERROR", "no url");
    if (url === "old") return failure("GONE_ERROR", "it was removed");
    return { data: { attempts: attempt } };
  },
};

await serve({ blueprints: [flow], skills }, async (client) => {
  const run = (url: string) => client.run("/api/v1/jobs/fetching", { url });

  // Transient: again, after a pause, up to maxRetries times.
  assert.deepEqual((await run("busy")).result, { attempts: 3 });
  // More failures than that, or a permanent one: quarantine, where an operator looks at the job.
  assert.equal((await run("down")).status, "quarantined");
  const broken = await run("broken");
  assert.equal(broken.status, "quarantined");
  assert.match(broken.error_message ?? "", /not a page/);
  // Invalid input: the job fails at once.
  assert.equal((await run("")).status, "failed");
  assert.deepEqual((await run("old")).result, { why: "it was removed" });

  // The operator puts a job back; with another state it goes on from there.
  await client.call("POST", `/api/v1/jobs/${broken.job_id}/requeue`, { state: "done", patch: { attempts: 0 } });
  const requeued = await client.end(broken.job_id);
  assert.deepEqual([requeued.status, requeued.result], ["finished", { attempts: 0 }]);
  console.log("ok: transient, permanent, invalid and custom errors each had their effect");
});

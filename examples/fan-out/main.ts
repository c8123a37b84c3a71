// Fan-out and fan-in: many tasks at once, one aggregator after all of them.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "files", apiVersion: "v1", apiEndpoint: "/jobs/files" });

flow.handlerFor("process_files", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchParallel({
    tasks: initialData.files.map((file: string) => ({ taskType: "file_analysis", params: { file } })),
    aggregateInto: "aggregate_results",
  }),
);
flow.aggregatorFor("aggregate_results", ({ aggregationResults, stateHistory, actions }) => {
  // In the order of the tasks, whichever ended first.
  stateHistory.summary = Object.values(aggregationResults).map(({ data }) => data.length);
  actions.transitionTo("processing_complete");
});
flow.handlerFor("processing_complete", { isEnd: true }, ({ summary }) => ({ summary }));

const skills = { file_analysis: ({ file }: { file: string }) => ({ data: { length: file.length } }) };

await serve({ blueprints: [flow], skills }, async (client) => {
  const files = ["a", "bb", "ccc", "dddd", "eeeee"];
  const job = await client.run("/api/v1/jobs/files", { files });
  assert.deepEqual(job.result, { summary: [1, 2, 3, 4, 5] });

  // Without any task the aggregator runs at once.
  const empty = await client.run("/api/v1/jobs/files", { files: [] });
  assert.deepEqual(empty.result, { summary: [] });
  console.log(`ok: ${files.length} tasks joined into ${JSON.stringify(job.result.summary)}`);
});

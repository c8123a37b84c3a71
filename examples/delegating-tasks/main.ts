// A task for a worker; the status of its result chooses the next state. Statuses are free words.
import assert from "node:assert/strict";
import { StateMachineBlueprint } from "avtomatika";
import { serve } from "../support/serve.ts";

const flow = new StateMachineBlueprint({ name: "videos", apiVersion: "v1", apiEndpoint: "/jobs/videos" });

flow.handlerFor("transcode_video", { isStart: true }, ({ initialData, actions }) =>
  actions.dispatchTask({
    taskType: "video_transcoding",
    params: { input_path: initialData.path },
    transitions: {
      success: "publish_video",
      failure: "transcoding_failed",
      needs_review: "manual_review", // a custom status
    },
  }),
);
// What the worker returned is merged into stateHistory and can be asked for by name.
flow.handlerFor("publish_video", { isEnd: true }, ({ output_path, duration }) => ({ output_path, duration }));
flow.handlerFor("manual_review", { isEnd: true }, ({ reason }) => ({ reason }));
flow.handlerFor("transcoding_failed", { isEnd: true, outcome: "failure" }, () => {});

const skills = {
  video_transcoding: ({ input_path }: { input_path: string }) => {
    if (input_path.includes("dark")) return { status: "needs_review", data: { reason: "too dark" } };
    if (input_path.includes("odd")) return { status: "surprise" };
    return { status: "success", data: { output_path: input_path.replace(".mov", ".mp4"), duration: 95 } };
  },
};

await serve({ blueprints: [flow], skills }, async (client) => {
  const fine = await client.run("/api/v1/jobs/videos", { path: "/videos/1.mov" });
  assert.equal(fine.status, "finished");
  assert.deepEqual(fine.result, { output_path: "/videos/1.mp4", duration: 95 });

  const dark = await client.run("/api/v1/jobs/videos", { path: "/videos/dark.mov" });
  assert.equal(dark.current_state, "manual_review");
  assert.deepEqual(dark.result, { reason: "too dark" });

  // A status that no transition names fails the job.
  const odd = await client.run("/api/v1/jobs/videos", { path: "/videos/odd.mov" });
  assert.equal(odd.status, "failed");
  assert.equal(odd.current_state, "failed");
  console.log("ok: success, needs_review and an unknown status each led where they should");
});

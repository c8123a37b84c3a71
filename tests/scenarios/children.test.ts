import { StateMachineBlueprint } from "avtomatika/internal/core/blueprint";
import type { StandardSchema } from "avtomatika/internal/core/definition";
import type { JsonObject } from "avtomatika/internal/core/json";
import { expect, test } from "vitest";
import { flow } from "./flows.ts";
import { client, openScene } from "./harness.ts";

const anInteger: StandardSchema<unknown, JsonObject> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { n } = value as { n: unknown };
      return typeof n === "string"
        ? { issues: [{ message: "expected a number", path: ["n"] }] }
        : { value: { n: n as number, checked: true } };
    },
  },
};

/** A parent that counts how often it is resumed, and a child that ends as it is told. */
function family(resumed: string[]) {
  const resume = (state: string) => (context: { jobId: string; stateHistory: Record<string, unknown> }) => {
    resumed.push(`${state} ${context.jobId}`);
    context.stateHistory["via"] = state;
  };
  const parent = flow({
    start: ({ actions, initialData }) =>
      actions.runBlueprint({
        blueprintName: "child",
        initialData,
        transitions: { success: "good", failure: "bad" },
      }),
    good: (context) => {
      resume("good")(context);
      return context.actions.finish();
    },
    bad: (context) => {
      resume("bad")(context);
      return context.actions.finish();
    },
  });
  const child = new StateMachineBlueprint({ name: "child", inputSchema: anInteger })
    .handlerFor("start", { isStart: true, transitions: ["done"] }, ({ actions, initialData }) => {
      switch ((initialData as JsonObject)["how"] ?? (initialData as JsonObject)["n"]) {
        case 1:
          return actions.finish({ n: initialData.n, checked: initialData["checked"] });
        case 2:
          return actions.fail("no luck");
        case 3:
          return;
        case 4:
          return actions.dispatchTask({ taskType: "x", transitions: {} });
        case 5:
          return actions.dispatchTask({ taskType: "nobody", dispatchTimeoutSeconds: 5, transitions: {} });
        default:
          return actions.sleep({ seconds: 3600 }, "done");
      }
    })
    .handlerFor("done", { isEnd: true }, () => {});
  return [parent, child];
}

test.each([
  ["finished before its parent could have waited", { n: 1 }, "good", "finished", { n: 1, checked: true }],
  ["failed", { n: 2 }, "bad", "failed", null],
  ["quarantined by its handler", { n: 3 }, "bad", "quarantined", null],
  ["quarantined by a task's permanent error", { n: 4 }, "bad", "quarantined", null],
  ["timed out", { n: 5 }, "bad", "failed", null],
  ["created with data that violates its schema", { n: "one" }, "bad", "failed", null],
  ["cancelled", { n: 9 }, "bad", "cancelled", null],
])(
  "a child that is %s resumes its parent exactly once with its outcome",
  async (how, initialData, via, status, result) => {
    const resumed: string[] = [];
    const scene = await openScene({ blueprints: () => family(resumed) });
    await scene.engine();
    await scene.engine("f");
    scene.worker("w", { supported_tasks: ["x"] }, () => ({
      status: "failure",
      error: { code: "PERMANENT_ERROR", message: "broken" },
    }));
    const jobId = await scene.create("flow", initialData, {
      priority: 3,
      metadata: { a: 1 },
      trace: { traceparent: "00-t" },
    });
    if (how === "cancelled") {
      const { waiting } = await scene.reaches(jobId, (view) => view.status === "waiting_for_sub_job");
      await scene.ask((engine) => engine.cancel(client, (waiting as { jobId: string }).jobId));
    }
    const parent = await scene.ended(jobId);
    expect(parent.data["via"]).toBe(via);
    await scene.advance(100_000);
    expect(resumed).toEqual([`${via} ${jobId}`]);
    const sub = parent.data["sub_job_result"] as JsonObject;
    const child = await scene.job(sub["job_id"] as string);
    expect(child.status).toBe(status);
    const outcome = via === "good" ? "success" : "failure";
    expect(sub).toMatchObject({ outcome, final_state: "start", result, error_message: child.error });
    expect(parent.data[`sub_job_${sub["job_id"]}_result`]).toEqual(sub);
    expect(child.details.job).toMatchObject({ owner: client.clientId, priority: 3, parentId: jobId });
    expect(child.details.initial).toMatchObject({ metadata: { a: 1 }, trace: { traceparent: "00-t" } });
  },
);

test("a parent that was resumed by a quarantined child is not resumed again when that is requeued and finishes", async () => {
  const resumed: string[] = [];
  const scene = await openScene({ blueprints: () => family(resumed) });
  await scene.engine();
  const jobId = await scene.create("flow", { n: 3 });
  const parent = await scene.ended(jobId);
  const childId = (parent.data["sub_job_result"] as JsonObject)["job_id"] as string;
  await scene.ask((engine) => engine.requeue(client, childId, { state: "done", patch: undefined }));
  expect((await scene.ended(childId)).status).toBe("finished");
  await scene.advance(10_000);
  expect(resumed).toEqual([`bad ${jobId}`]);
  expect((await scene.job(jobId)).details.job.version).toBe(parent.details.job.version);
});

test("a child of an unknown blueprint stays pending with the reason, until an engine comes that knows it", async () => {
  const parent = flow({
    start: ({ actions }) =>
      actions.runBlueprint({ blueprintName: "later", initialData: {}, transitions: { success: "done" } }),
  });
  const child = flow({ start: ({ actions }) => actions.finish(1) }, "later");
  const scene = await openScene({ blueprints: ({ engine }) => (engine === "new" ? [parent, child] : [parent]) });
  const old = await scene.engine("old");
  const jobId = await scene.create("flow");
  const { waiting } = await scene.reaches(jobId, (view) => view.status === "waiting_for_sub_job");
  const childId = (waiting as { jobId: string }).jobId;
  await scene.advance(60_000);
  expect((await scene.job(childId)).status).toBe("pending");
  expect(await scene.summary(childId)).toBe('The job waits for an engine that knows blueprint "later".');
  await scene.engine("new");
  expect((await scene.ended(childId)).result).toBe(1);
  expect((await scene.ended(jobId)).status).toBe("finished");
  scene.kill(old);
});

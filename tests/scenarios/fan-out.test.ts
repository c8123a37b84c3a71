import { describe, expect, test } from "vitest";
import { fanOut, flow } from "./flows.ts";
import { client, openScene } from "./harness.ts";
import type { WorkerScript } from "./scripted-worker.ts";

const x = { supported_tasks: ["x"], max_concurrent_tasks: 10 };
/** Does what the task's params say. */
const obedient: WorkerScript = async ({ params }, worker) => {
  if (typeof params["ms"] === "number") await worker.sleep(params["ms"]);
  const code = params["fail"];
  if (typeof code === "string") return { status: "failure", error: { code, message: "as told" } };
  return {
    status: (params["status"] as string | undefined) ?? "success",
    data: params["data"] ?? { n: params["n"] ?? null },
  };
};
type Options = Parameters<typeof fanOut>[1];

async function run(branches: Parameters<typeof fanOut>[0], options: Options = {}, worker: WorkerScript = obedient) {
  const scene = await openScene({ blueprints: () => [fanOut(branches, options)] });
  await scene.engine();
  await scene.engine("f");
  const workers = [scene.worker("w", x, worker)];
  const jobId = await scene.create("flow");
  const view = await scene.ended(jobId);
  return {
    scene,
    jobId,
    view,
    workers,
    seen: view.data["seen"] as { status: string; index: number; data: unknown; error: unknown }[],
  };
}

test("all branches of one fan-out join once; the results are keyed by first task ids, in dispatch order, data verbatim", async () => {
  const branches = [{ n: 1, ms: 500 }, { data: [1, { deep: null }] }, { status: "needs_review", ms: 100 }];
  const { view, seen, jobId } = await run(branches);
  expect(view).toMatchObject({ status: "finished", data: { joins: 1 } });
  expect(view.data["keys"]).toEqual([0, 1, 2].map((index) => `${jobId}_1_${index}_1`));
  expect(seen).toEqual([
    { status: "success", data: { n: 1 }, error: null, workerId: "w", index: 0 },
    { status: "success", data: [1, { deep: null }], error: null, workerId: "w", index: 1 },
    { status: "needs_review", data: { n: null }, error: null, workerId: "w", index: 2 },
  ]);
  expect(Object.keys(view.data).sort()).toEqual(["joins", "keys", "seen"]);
});

test.each(["all", "any", "settled", { quorum: 3 }] as const)(
  "an empty list runs the aggregator at once, under %o",
  async (policy) => {
    const { view, seen } = await run([], { policy });
    expect([view.status, view.data["joins"], seen]).toEqual(["finished", 1, []]);
  },
);

test("a branch that nobody takes decides the fan-out when its dispatch timeout is over", async () => {
  const branches = [{ n: 1 }, { task: { taskType: "nobody", dispatchTimeoutSeconds: 5 } }];
  const { view } = await run(branches);
  expect(view).toMatchObject({ status: "failed", state: "start" });
  expect(view.error).toBe(
    "task nobody failed after 1 attempt(s) with DISPATCH_TIMEOUT_ERROR: no worker took the task within 5 s",
  );
});

describe("the first branch that fails for good decides under all", () => {
  const branches = [{ n: 1 }, { fail: "PERMANENT_ERROR", ms: 200 }, { ms: 100_000 }, { ms: 100_000 }];

  test("the job ends as its error would end a single task's, and open siblings are cancelled", async () => {
    const { scene, view, workers } = await run(branches);
    expect(view).toMatchObject({ status: "quarantined", state: "start" });
    await scene.advance(20_000);
    expect(workers[0]?.told.size).toBe(2);
  });

  test("onFailure's handler sees the results so far and the error", async () => {
    const { view, seen } = await run(branches, { onFailure: "rescue" });
    expect(view).toMatchObject({ status: "finished", state: "done" });
    expect(seen.map(({ index, status }) => [index, status])).toEqual([
      [0, "success"],
      [1, "failure"],
    ]);
    expect(seen[1]?.error).toEqual({ code: "PERMANENT_ERROR", message: "as told" });
    expect(view.data["task_error"]).toMatchObject({ code: "PERMANENT_ERROR", task_type: "x", attempt: 1 });
  });

  test("invalid input fails the job", async () => {
    expect((await run([{ fail: "INVALID_INPUT_ERROR" }, {}])).view.status).toBe("failed");
  });
});

test("each branch has its own retries: a transient failure is no decision", async () => {
  const tries = new Map<unknown, number>();
  const { view, workers } = await run([{ n: 1 }, { n: 2 }], {}, ({ params, attempt }) => {
    tries.set(params["n"], attempt);
    return params["n"] === 2 && attempt < 3 ? { status: "failure" } : { data: { attempt } };
  });
  expect(view.status).toBe("finished");
  expect([...tries]).toEqual([
    [1, 1],
    [2, 3],
  ]);
  expect(workers[0]?.got).toHaveLength(4);
});

test("a cancelled that nobody asked for is a transient failure of its branch", async () => {
  const { view, seen } = await run([{}, {}], { policy: "settled" }, ({ attempt, taskId }) =>
    attempt === 1 && taskId.endsWith("_1_1") ? { status: "cancelled" } : {},
  );
  expect(view.status).toBe("finished");
  expect(seen.map(({ status }) => status)).toEqual(["success", "success"]);
});

test("settled: the aggregator gets all, failures included", async () => {
  const { view, seen } = await run([{ fail: "PERMANENT_ERROR" }, { n: 1 }, { fail: "INVALID_INPUT_ERROR" }], {
    policy: "settled",
  });
  expect(view.status).toBe("finished");
  expect(seen.map(({ status }) => status)).toEqual(["failure", "success", "failure"]);
});

test.each([
  ["any", 1],
  [{ quorum: 2 }, 2],
] as const)("%o fires at success no. %i and cancels the open siblings", async (policy, successes) => {
  const { view, seen, workers, scene } = await run(
    [{ ms: 300 }, { fail: "PERMANENT_ERROR" }, { ms: 600 }, { ms: 100_000 }],
    { policy },
  );
  expect(view.status).toBe("finished");
  expect(seen.filter(({ status }) => status === "success")).toHaveLength(successes);
  await scene.advance(16_000);
  expect([...(workers[0]?.told ?? [])]).toContain(workers[0]?.got.at(-1)?.taskId);
});

test("a quorum that can't be reached any more fails at once", async () => {
  const { view } = await run([{ fail: "PERMANENT_ERROR" }, { fail: "PERMANENT_ERROR" }, { ms: 100_000 }], {
    policy: { quorum: 2 },
  });
  expect(view.status).toBe("quarantined");
  expect((view.details.job.endedAt as number) - view.details.job.createdAt).toBeLessThan(5000);
});

test("duplicates of the last branch and invented branches never fire the join again", async () => {
  const joins: string[] = [];
  const blueprint = flow({
    start: ({ actions }) =>
      actions.dispatchParallel({ tasks: [{ taskType: "x" }, { taskType: "x" }], aggregateInto: "joined" }),
    after: ({ actions }) => actions.sleep({ seconds: 60 }, "done"),
  }).aggregatorFor("joined", { transitions: ["after"] }, ({ jobId, actions }) => {
    joins.push(jobId);
    return actions.transitionTo("after");
  });
  const scene = await openScene({ blueprints: () => [blueprint] });
  await scene.engine();
  const worker = scene.worker("w", x, obedient);
  const jobId = await scene.create("flow");
  await scene.reaches(jobId, (view) => view.status === "sleeping");
  const send = (taskId: string) => scene.within(5000, worker.report({ jobId, taskId }, {}));
  for (const { taskId } of worker.got) expect(await send(taskId)).toMatchObject({ outcome: "applied" });
  for (const invented of [`${jobId}_1_2_1`, `${jobId}_1_99_1`, `${jobId}_2_0_1`, `${jobId}_1_0_7`, "b"])
    expect(await send(invented)).toEqual({ outcome: "ignored", reason: "not_found" });
  const other = await scene.create("flow");
  const foreign = await scene.within(
    5000,
    worker.report({ jobId: other, taskId: worker.got[0]?.taskId as string }, {}),
  );
  expect(foreign).toEqual({ outcome: "ignored", reason: "not_found" });
  await scene.ended(jobId);
  await scene.ended(other);
  expect(joins).toEqual([jobId, other]);
});

test("an aggregator that throws is retried with the same results; requeued from quarantine it has them still", async () => {
  const seen: number[] = [];
  let isBroken = true;
  const blueprint = flow({
    start: ({ actions }) =>
      actions.dispatchParallel({ tasks: [{ taskType: "x" }, { taskType: "x" }], aggregateInto: "joined" }),
  }).aggregatorFor("joined", { transitions: ["done"] }, ({ aggregationResults, actions, attempt }) => {
    seen.push(Object.keys(aggregationResults).length * 100 + attempt);
    if (isBroken) throw new Error("boom");
    return actions.transitionTo("done");
  });
  const scene = await openScene({
    blueprints: () => [blueprint],
    settings: { retry: { maxRetries: 1, delayMs: 500, maxDelayMs: 500, factor: 1 } },
  });
  await scene.engine();
  scene.worker("w", x, obedient);
  const jobId = await scene.create("flow");
  expect(await scene.ended(jobId)).toMatchObject({
    status: "quarantined",
    error: 'state "joined" failed (2 attempts): boom',
  });
  isBroken = false;
  expect((await scene.ask((engine) => engine.requeue(client, jobId, { state: null, patch: undefined }))).outcome).toBe(
    "accepted",
  );
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(seen).toEqual([201, 202, 203]);
});

test("2,000 branches, staged before the commit, join once and in order", async () => {
  const scene = await openScene({
    watch: false,
    blueprints: () => [fanOut(Array.from({ length: 2000 }, (_, n) => ({ n })))],
  });
  await scene.engine();
  for (const id of ["v", "w"])
    scene.worker(id, { ...x, max_concurrent_tasks: 200 }, ({ params }) => ({ data: params["n"] ?? null }));
  const view = await scene.ended(await scene.create("flow"));
  expect(view).toMatchObject({ status: "finished", data: { joins: 1 } });
  const seen = view.data["seen"] as { data: number; index: number }[];
  expect(seen).toHaveLength(2000);
  expect(seen.every(({ data, index }, at) => data === at && index === at)).toBe(true);
});

import { expect, test } from "vitest";
import { flow, oneTask } from "./flows.ts";
import { client, openScene, start } from "./harness.ts";

const x = { supported_tasks: ["x"] };

test("no worker online, then a worker registers 10 s later: the job completes, and explain says why it waited", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  const jobId = await scene.create("flow");
  await scene.advance(1000);
  expect(await scene.summary(jobId)).toBe('Task "x" is queued. No worker supports "x": none is online.');
  scene.worker("other", { supported_tasks: ["y"] }, () => ({}));
  await scene.advance(9000);
  expect(await scene.summary(jobId)).toBe('Task "x" is queued. No worker supports "x".');
  expect((await scene.job(jobId)).status).toBe("waiting_for_worker");
  const worker = scene.worker("w", x, () => ({ data: { by: "w" } }));
  expect(await scene.ended(jobId)).toMatchObject({ status: "finished", result: { by: "w" } });
  expect(worker.got).toHaveLength(1);
});

test("all workers busy is a normal wait: the next job is taken as soon as one is free", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  const worker = scene.worker("w", x, (_, self) => self.sleep(40_000).then(() => ({})));
  const first = await scene.create("flow");
  await scene.advance(1000);
  const second = await scene.create("flow");
  await scene.advance(1000);
  expect(await scene.summary(first)).toBe('Worker w works on task "x" (attempt 1).');
  const explained = await scene.ask((engine) => engine.explain(client, second));
  expect(explained?.workers).toEqual([{ workerId: "w", eligible: false, reasons: ["it holds 1 of at most 1 tasks"] }]);
  expect(explained?.summary).toContain("No worker that supports it may take it now");
  await scene.ended(first);
  const { details } = await scene.ended(second);
  expect((details.job.endedAt as number) - start).toBeLessThan(82_500);
  expect(worker.most).toBe(1);
});

test("a task that runs 60 s without result_timeout is handed out exactly once", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  await scene.engine("f");
  const slow = (_: unknown, self: { sleep: (ms: number) => Promise<void> }) => self.sleep(60_000).then(() => ({}));
  const workers = ["v", "w"].map((id) => scene.worker(id, x, slow));
  const jobId = await scene.create("flow");
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(workers.flatMap((worker) => worker.got)).toHaveLength(1);
});

test("a job that waits for a human longer than dispatch_timeout is still waiting; dispatch_timeout=10 fires at 10 s", async () => {
  const approval = flow({
    start: ({ actions }) =>
      actions.awaitHumanApproval({ integration: "desk", message: "well?", transitions: { yes: "work", no: "done" } }),
    work: ({ actions }) => actions.dispatchTask({ taskType: "x", transitions: { success: "done" } }),
  });
  const scene = await openScene({ blueprints: () => [approval] });
  await scene.engine();
  const jobId = await scene.create("flow", {}, { dispatchTimeoutMs: 10_000 });
  await scene.advance(3_600_000);
  expect((await scene.job(jobId)).status).toBe("waiting_for_human");
  expect(await scene.summary(jobId)).toBe("The job waits for a decision by desk (one of yes, no).");
  const decision = { decision: "yes", comment: null, metadata: null };
  expect((await scene.ask((engine) => engine.decide(client, jobId, decision))).outcome).toBe("accepted");
  const queued = await scene.reaches(jobId, (view) => view.status === "waiting_for_worker");
  const view = await scene.ended(jobId);
  expect(view).toMatchObject({ status: "failed", state: "work" });
  expect(view.error).toContain("DISPATCH_TIMEOUT_ERROR: no worker took the task within 10 s");
  const waited = (view.details.job.endedAt as number) - (queued.details.task?.queuedAt as number);
  expect(waited).toBeGreaterThanOrEqual(10_000);
  expect(waited).toBeLessThan(10_100);
});

test("dispatchTimeoutSeconds counts anew for each attempt, result_timeout over all of them", async () => {
  const scene = await openScene({ blueprints: () => [oneTask({ dispatchTimeoutSeconds: 20 })] });
  await scene.engine();
  // Each attempt is taken after up to 10 s, and fails: no attempt is queued for 20 s, together they are.
  const worker = scene.worker("w", x, (_, self) =>
    self.sleep(9000).then(() => ({ status: "failure", error: { code: "ODD", message: "" } })),
  );
  const free = await scene.create("flow");
  expect((await scene.ended(free)).error).toContain("failed after 4 attempt(s) with ODD");
  expect(worker.got.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  const bounded = await scene.create("flow", {}, { resultTimeoutMs: 15_000 });
  const view = await scene.ended(bounded);
  expect(view.error).toMatch(/TIMEOUT_ERROR/);
  const life = (view.details.job.endedAt as number) - view.details.job.createdAt;
  expect(life).toBeGreaterThanOrEqual(15_000);
  expect(life).toBeLessThan(15_100);
  expect(worker.got.at(-1)?.deadline).toBeLessThanOrEqual(view.details.job.createdAt + 15_010);
});

test("explain's texts: running, sleeping, retrying, branches, child, ended", async () => {
  const states = flow({
    start: async ({ actions, initialData }) => {
      if (initialData["kind"] === "run") await new Promise(() => {});
      if (initialData["kind"] === "sleep") return actions.sleep({ seconds: 3600 }, "done");
      if (initialData["kind"] === "throw") throw new Error("boom");
      if (initialData["kind"] === "fail") return actions.fail("no luck");
      if (initialData["kind"] === "child")
        return actions.runBlueprint({ blueprintName: "flow", initialData: { kind: "sleep" }, transitions: {} });
      return actions.dispatchParallel({
        tasks: [{ taskType: "x" }, { taskType: "x" }],
        aggregateInto: "joined",
      });
    },
  }).aggregatorFor("joined", { transitions: ["done"] }, ({ actions }) => actions.transitionTo("done"));
  const scene = await openScene({
    blueprints: () => [states],
    settings: { retry: { maxRetries: 1, delayMs: 1e6, maxDelayMs: 1e6, factor: 1 } },
  });
  await scene.engine();
  const said = async (kind: string): Promise<string> => {
    const jobId = await scene.create("flow", { kind });
    await scene.advance(500);
    return scene.summary(jobId);
  };
  expect(await said("run")).toBe('The handler of state "start" runs now.');
  expect(await said("sleep")).toMatch(/^The job sleeps, until 2030-01-01T01:00:0.*, then goes on to "done"\.$/);
  expect(await said("throw")).toMatch(/^The handler of "start" runs again \(attempt 2\), until 2030-.*: boom\.$/);
  expect(await said("fail")).toBe('The job is failed in state "start": no luck.');
  expect(await said("child")).toMatch(/^The job waits for its child \S+ to end\.$/);
  const branches = "The job waits for 2 of 2 branches (0 succeeded, 0 failed).";
  expect(await said("branches")).toBe(`${branches} No worker supports "x": none is online.`);
});

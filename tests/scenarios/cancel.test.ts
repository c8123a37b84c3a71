import { describe, expect, test } from "vitest";
import { fanOut, flow, oneTask } from "./flows.ts";
import { client, openScene, type Scene, type View } from "./harness.ts";

const x = { supported_tasks: ["x"] };
const cancel = (scene: Scene, jobId: string) => scene.ask((engine) => engine.cancel(client, jobId));
const decide = (scene: Scene, jobId: string) =>
  scene.ask((engine) => engine.decide(client, jobId, { decision: "yes", comment: null, metadata: null }));

/** A job that can be brought to wait for anything. */
const anything = (log: string[] = []) =>
  flow({
    start: ({ actions, initialData, attempt, jobId }) => {
      log.push(`start ${attempt}`);
      switch (initialData["wait"]) {
        case "task":
          return actions.dispatchTask({ taskType: "x", transitions: { success: "after" }, timeoutSeconds: 20 });
        case "fan-out":
          return actions.dispatchParallel({ tasks: [{ taskType: "x" }, { taskType: "x" }], aggregateInto: "joined" });
        case "approval":
          return actions.awaitHumanApproval({
            integration: "d",
            message: "m",
            transitions: { yes: "after" },
            timeoutSeconds: 60,
          });
        case "sleep":
          return actions.sleep({ seconds: 60 }, "after");
        case "child":
          return actions.runBlueprint({
            blueprintName: "flow",
            initialData: { wait: "sleep" },
            transitions: { success: "after" },
          });
        default:
          throw new Error(`boom in ${jobId}`);
      }
    },
    after: () => {
      log.push("after");
    },
  }).aggregatorFor("joined", { transitions: ["done"] }, () => {
    log.push("joined");
  });

describe("a job that no handler runs ends cancelled at once, and stays so whatever comes later", () => {
  test.each(["task", "fan-out", "approval", "sleep", "child", "retry"])("while it waits: %s", async (wait) => {
    const log: string[] = [];
    const scene = await openScene({
      blueprints: () => [anything(log)],
      settings: { retry: { maxRetries: 3, delayMs: 60_000, maxDelayMs: 60_000, factor: 1 } },
    });
    await scene.engine();
    const jobId = await scene.create("flow", { wait });
    const { waiting } = await scene.reaches(jobId, (view) => view.waiting !== null);
    expect(await cancel(scene, jobId)).toBe("accepted");
    const view = await scene.job(jobId);
    expect(view).toMatchObject({ status: "cancelled", state: "start", result: null, error: "the job was cancelled" });
    // Every timer, decision and task of the wait comes to nothing.
    if (wait === "approval") expect((await decide(scene, jobId)).outcome).toBe("closed");
    scene.worker("w", { ...x, max_concurrent_tasks: 5 }, () => ({}));
    await scene.advance(300_000);
    expect((await scene.job(jobId)).details.job.version).toBe(view.details.job.version);
    if (waiting?.kind === "child") expect((await scene.job(waiting.jobId)).status).toBe("cancelled");
    expect(log).toEqual(waiting?.kind === "child" ? ["start 1", "start 1"] : ["start 1"]);
    expect(await cancel(scene, jobId)).toBe("ended");
  });

  test("while it waits for a slot: ending it needs none", async () => {
    const scene = await openScene({ blueprints: () => [flow({ start: () => new Promise(() => {}) })] });
    const host = await scene.engine("e", { maxConcurrentJobs: 1 });
    await scene.create("flow");
    const others = [await scene.create("flow"), await scene.create("flow")] as const;
    expect((await scene.job(others[0])).status).toBe("pending");
    expect(await cancel(scene, others[0])).toBe("accepted");
    await scene.advance(20);
    expect((await scene.job(others[0])).status).toBe("cancelled");
    expect((await scene.job(others[1])).status).toBe("pending");
    expect(host.engine.snapshot().freeSlots).toBe(0);
  });

  test("while its parent is cancelled by an engine without a free slot", async () => {
    const parent = flow({
      start: ({ actions }) => actions.runBlueprint({ blueprintName: "child", initialData: {}, transitions: {} }),
    });
    const child = flow({ start: ({ actions }) => actions.sleep({ seconds: 1000 }, "done") }, "child");
    const busy = flow({ start: () => new Promise(() => {}) }, "busy");
    const scene = await openScene({ blueprints: () => [parent, child, busy] });
    await scene.engine("e", { maxConcurrentJobs: 1 });
    const jobId = await scene.create("flow");
    const { waiting } = await scene.reaches(jobId, (view) => view.status === "waiting_for_sub_job");
    await scene.create("busy");
    await scene.advance(50);
    await cancel(scene, jobId);
    await scene.advance(20);
    expect((await scene.job((waiting as { jobId: string }).jobId)).status).toBe("cancelled");
  });

  test("while a task waits for its next attempt", async () => {
    const retry = { delaySeconds: 50, maxDelaySeconds: 50 };
    const scene = await openScene({ blueprints: () => [oneTask({ retry })] });
    await scene.engine();
    const worker = scene.worker("w", x, () => ({ status: "failure" }));
    const jobId = await scene.create("flow");
    await scene.reaches(jobId, (view) => view.status === "awaiting_retry");
    await cancel(scene, jobId);
    await scene.advance(200_000);
    expect((await scene.job(jobId)).status).toBe("cancelled");
    expect(worker.got).toHaveLength(1);
  });
});

describe("the worker of a cancelled task", () => {
  async function cancelled(answer: { status: string }) {
    const scene = await openScene({ blueprints: () => [anything()] });
    await scene.engine();
    const worker = scene.worker("w", x, async (task, self) => {
      while (!self.told.has(task.taskId) && self.got.length === 1) await self.sleep(100);
      return answer;
    });
    const jobId = await scene.create("flow", { wait: "task" });
    await scene.until(() => worker.got.length === 1);
    await cancel(scene, jobId);
    expect((await scene.job(jobId)).status).toBe("cancelled");
    const taskId = worker.got[0]?.taskId as string;
    expect(await scene.ask((engine) => engine.taskState((holder) => holder === "w", taskId))).toBe("cancelled");
    // Its lease counts against its limit until it answers.
    const next = await scene.create("flow", { wait: "task" });
    const at = scene.elapsed;
    await scene.until(() => worker.verdicts.length === 1, 20_000);
    const told = scene.elapsed - at;
    await scene.reaches(next, () => worker.got.length === 2, 2000);
    return { worker, told };
  }

  test("hears of it with its next heartbeat; its cancelled is accepted", async () => {
    const { worker, told } = await cancelled({ status: "cancelled" });
    expect(worker.verdicts[0]).toEqual({ outcome: "applied", answer: "cancelled", single: true });
    expect(told).toBeLessThan(15_200);
  });

  test("has any other result ignored", async () => {
    const { worker } = await cancelled({ status: "success" });
    expect(worker.verdicts[0]).toEqual({ outcome: "ignored", reason: "cancelled" });
  });

  test("that never answers has its slot back when CANCEL_GRACE_SECONDS are over", async () => {
    const scene = await openScene({ blueprints: () => [anything()] });
    await scene.engine();
    const { signal } = new AbortController();
    const poll = (holdMs: number) => scene.ask((engine) => engine.poll("w", { limit: 1, holdMs, signal }));
    await scene.ask((engine) => engine.registerWorker("w", { ...x, max_concurrent_tasks: 1 }));
    const jobId = await scene.create("flow", { wait: "task" });
    (await poll(1000))?.delivered();
    await scene.advance(3000);
    await cancel(scene, jobId);
    const at = scene.elapsed;
    await scene.create("flow", { wait: "task" });
    expect((await poll(25_000))?.tasks).toEqual([]);
    expect((await poll(25_000))?.tasks).toHaveLength(1);
    expect(scene.elapsed - at).toBeGreaterThan(29_900);
    expect(scene.elapsed - at).toBeLessThan(31_500);
  });
});

describe("cancelled during a handler", () => {
  async function during(handler: (signal: AbortSignal, sleep: (ms: number) => Promise<void>) => Promise<void>) {
    let aborted = false;
    const scene = await openScene({
      blueprints: ({ sleep }) => [
        flow({
          start: async ({ signal, actions, stateHistory }) => {
            stateHistory["left"] = "behind";
            signal.addEventListener("abort", () => {
              aborted = true;
            });
            await handler(signal, sleep);
            return actions.transitionTo("done");
          },
        }),
      ],
    });
    await scene.engine();
    await scene.engine("f");
    const jobId = await scene.create("flow");
    await scene.advance(100);
    const at = scene.time.now();
    // The engine that doesn't run the handler takes the cancel.
    expect(await scene.ask((engine) => engine.cancel(client, jobId), scene.hosts[1])).toBe("accepted");
    await scene.advance(20);
    expect(aborted).toBe(true);
    const view: View = await scene.ended(jobId);
    expect(view).toMatchObject({ status: "cancelled", state: "start", data: {} });
    return { ms: (view.details.job.endedAt as number) - at, scene, jobId };
  }

  test("its signal aborts, its outcome is discarded, and the job ends when it returns", async () => {
    const { ms } = await during((_, sleep) => sleep(8000));
    expect(ms).toBeGreaterThan(7800);
    expect(ms).toBeLessThan(8200);
  });

  test("a handler that listens to its signal ends the job at once", async () => {
    const { ms } = await during(
      (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
    );
    expect(ms).toBeLessThan(100);
  });

  test("one that goes on is left behind after CANCEL_GRACE_SECONDS, and what it does later is discarded", async () => {
    const { ms, scene, jobId } = await during((_, sleep) => sleep(200_000));
    expect(ms).toBeGreaterThan(29_900);
    expect(ms).toBeLessThan(30_200);
    const { version } = (await scene.job(jobId)).details.job;
    await scene.advance(300_000);
    expect((await scene.job(jobId)).details.job.version).toBe(version);
  });
});

test("a timeout after the cancel and a result after the cancel change nothing", async () => {
  const scene = await openScene({ blueprints: () => [anything()] });
  await scene.engine();
  const worker = scene.worker("w", x, (_, self) => self.sleep(25_000).then(() => ({ data: { late: true } })));
  const jobId = await scene.create("flow", { wait: "task" });
  await scene.until(() => worker.got.length === 1);
  await cancel(scene, jobId);
  await scene.advance(60_000);
  expect(await scene.job(jobId)).toMatchObject({ status: "cancelled", data: {} });
  expect(worker.verdicts).toEqual([{ outcome: "ignored", reason: "cancelled" }]);
});

test("cancelling a fan-out withdraws its queued branches and tells the workers of the others", async () => {
  const scene = await openScene({ blueprints: () => [fanOut([{}, {}, {}, {}])] });
  await scene.engine();
  const worker = scene.worker("w", { ...x, max_concurrent_tasks: 2 }, (_, self) => self.sleep(60_000).then(() => ({})));
  const jobId = await scene.create("flow");
  await scene.until(() => worker.got.length === 2);
  await cancel(scene, jobId);
  await scene.advance(100_000);
  expect([...worker.told].sort()).toEqual(worker.got.map(({ taskId }) => taskId).sort());
  expect(worker.got).toHaveLength(2);
});

test("to others than its owner and admins a job doesn't exist", async () => {
  const scene = await openScene({ blueprints: () => [anything()] });
  await scene.engine();
  const jobId = await scene.create("flow", { wait: "sleep" });
  const stranger = { clientId: "stranger", admin: false };
  expect(await scene.ask((engine) => engine.cancel(stranger, jobId))).toBe("unknown");
  expect(await scene.ask((engine) => engine.getJob(stranger, jobId))).toBeNull();
  expect(await scene.ask((engine) => engine.cancel({ clientId: "root", admin: true }, jobId))).toBe("accepted");
});

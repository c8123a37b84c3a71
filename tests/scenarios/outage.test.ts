import { expect, test } from "vitest";
import { flow, oneTask } from "./flows.ts";
import { openScene, start } from "./harness.ts";

const x = { supported_tasks: ["x"] };
const { signal } = new AbortController();

async function taken(timeoutSeconds: number) {
  const scene = await openScene({ blueprints: () => [oneTask({ timeoutSeconds, retry: { maxRetries: 0 } })] });
  const host = await scene.engine();
  await scene.ask((engine) => engine.registerWorker("w", x));
  const jobId = await scene.create("flow");
  const poll = await scene.ask((engine) => engine.poll("w", { limit: 1, holdMs: 5000, signal }));
  poll?.delivered();
  await scene.advance(3000);
  const [task] = poll?.tasks ?? [];
  if (task === undefined) throw new Error("no task");
  const report = () =>
    scene.ask((engine) =>
      engine.results([
        { jobId, taskId: task.taskId, worker: "w", report: { status: "success", data: null, error: null } },
      ]),
    );
  return { scene, host, jobId, report };
}

test("a lease that ran out while no engine ran is judged 30 s after the return, and its result is applied until then", async () => {
  const { scene, host, jobId, report } = await taken(60);
  scene.kill(host);
  await scene.advance(300_000);
  await scene.engine("again");
  await scene.advance(28_000);
  expect((await scene.job(jobId)).status).toBe("waiting_for_worker");
  expect(await report()).toMatchObject([{ outcome: "applied" }]);
  expect((await scene.ended(jobId)).status).toBe("finished");
});

test("the outage is known to every engine, though the one that found it died", async () => {
  const { scene, host, jobId, report } = await taken(60);
  scene.kill(host);
  await scene.advance(300_000);
  const finder = await scene.engine("finder");
  await scene.advance(500);
  scene.kill(finder);
  await scene.engine("heir");
  await scene.advance(28_000);
  expect((await scene.job(jobId)).status).toBe("waiting_for_worker");
  expect(await report()).toMatchObject([{ outcome: "applied" }]);
});

test.each([
  ["deadline", 60, "TIMEOUT_ERROR"],
  ["worker's silence", 3000, "WORKER_LOST_ERROR"],
])("after the grace the %s counts", async (_what, timeoutSeconds, code) => {
  const { scene, host, jobId } = await taken(timeoutSeconds);
  scene.kill(host);
  await scene.advance(300_000);
  const at = scene.time.now();
  await scene.engine("again");
  const view = await scene.ended(jobId);
  expect(view.error).toContain(code);
  const later = (view.details.job.endedAt as number) - at;
  expect(later).toBeGreaterThanOrEqual(30_000);
  expect(later).toBeLessThan(31_000);
});

test("a lease that runs out after the return goes on time, and the start of one engine beside others puts nothing off", async () => {
  const { scene, host, jobId } = await taken(60);
  scene.kill(host);
  await scene.advance(20_000);
  await scene.engine("again");
  await scene.advance(20_000);
  await scene.engine("beside");
  const view = await scene.ended(jobId);
  expect(view.error).toContain("TIMEOUT_ERROR");
  const age = (view.details.job.endedAt as number) - start;
  expect(age).toBeGreaterThanOrEqual(60_000);
  expect(age).toBeLessThan(61_000);
});

test("the store away for over 5 s counts as an outage; a shorter one doesn't", async () => {
  for (const [awayMs, latest] of [
    [30_000, 120_000],
    [3000, 61_500],
  ] as const) {
    const { scene, jobId } = await taken(60);
    await scene.advance(58_000 - scene.elapsed);
    scene.storeAway(true);
    await scene.advance(awayMs);
    scene.storeAway(false);
    const view = await scene.ended(jobId);
    const age = (view.details.job.endedAt as number) - start;
    expect(age).toBeLessThan(latest);
    if (awayMs > 5000) expect(age).toBeGreaterThanOrEqual(118_000);
  }
});

test("timers, retry pauses and dispatch timeouts go on time after an outage", async () => {
  const nap = flow({ start: ({ actions }) => actions.sleep({ seconds: 60 }, "done") }, "nap");
  const scene = await openScene({ blueprints: () => [nap, oneTask({ dispatchTimeoutSeconds: 60 })] });
  const host = await scene.engine();
  const jobs = [await scene.create("nap"), await scene.create("flow")];
  await scene.advance(1000);
  scene.kill(host);
  await scene.advance(300_000);
  const at = scene.time.now();
  await scene.engine("again");
  for (const jobId of jobs) {
    const view = await scene.ended(jobId);
    expect((view.details.job.endedAt as number) - at).toBeLessThan(1000);
  }
});

test("while the store is away results are held, parked polls stay parked, creations get store_unavailable after 5 s; then all goes on", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  const worker = scene.worker("w", x, (_, self) => self.sleep(5000).then(() => ({})));
  const jobId = await scene.create("flow");
  await scene.until(() => worker.got.length === 1);
  scene.storeAway(true);
  const at = scene.elapsed;
  const refused = scene
    .request((engine) => engine.createJobs([scene.creation("flow")]))
    .then(
      () => "created",
      (error: { code?: string }) => `${error.code} ${Math.round((scene.elapsed - at) / 1000)}`,
    );
  const parked = scene.request((engine) => engine.poll("v", { limit: 1, holdMs: 60_000, signal }));
  let isParked = true;
  void parked.finally(() => {
    isParked = false;
  });
  expect(await scene.within(20_000, refused)).toMatch(/^store_unavailable [45]$/);
  await scene.advance(30_000);
  expect([worker.verdicts, isParked]).toEqual([[], true]);
  scene.storeAway(false);
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(worker.verdicts).toMatchObject([{ outcome: "applied" }]);
  expect(isParked).toBe(true);
});

test("a result is refused when the store stays away for 60 s", async () => {
  const { scene, report } = await taken(600);
  scene.storeAway(true);
  const at = scene.elapsed;
  await expect(report()).rejects.toMatchObject({ code: "store_unavailable" });
  expect(scene.elapsed - at).toBeGreaterThan(58_000);
  expect(scene.elapsed - at).toBeLessThan(62_000);
});

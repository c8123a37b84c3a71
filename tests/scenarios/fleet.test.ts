import type { JsonObject } from "avtomatika/internal/core/json";
import { expect, test } from "vitest";
import { oneTask } from "./flows.ts";
import { client, openScene } from "./harness.ts";

const x = { supported_tasks: ["x"] };
const { signal } = new AbortController();

test.each<[string, Parameters<typeof oneTask>[0], JsonObject, JsonObject, string]>([
  ["the skill", {}, { supported_tasks: ["y"] }, {}, 'it doesn\'t support "x" at present'],
  [
    "the CPU cores",
    { resourceRequirements: { cpuCores: 4 } },
    { resources: { cpu_cores: 2 } },
    { resources: { cpu_cores: 4 } },
    "its cpu_cores is 2, at least 4 is required",
  ],
  [
    "the GPU",
    { resourceRequirements: { gpu_info: { model: "A100" } } },
    { resources: { gpu_info: { model: "T4" } } },
    { resources: { gpu_info: { model: "NVIDIA A100" } } },
    'its gpu_info.model is "T4", which doesn\'t contain "A100"',
  ],
  [
    "the models",
    { resourceRequirements: { installed_models: ["llama"] } },
    { installed_models: [{ name: "bert" }] },
    { installed_models: [{ name: "llama" }] },
    'it lacks the installed models "llama"',
  ],
  ["the cost", { maxCost: 2 }, { cost_per_second: 3 }, { cost_per_second: 2 }, "its cost is 3, above the limit of 2"],
  ["a known cost", { maxCost: 2 }, {}, { cost: 1 }, "its cost is unknown, and the limit is 2"],
])(
  "a worker without %s never gets the task, however long it waits; one that fits gets it",
  async (_what, options, poor, good, reason) => {
    const scene = await openScene({ blueprints: () => [oneTask(options)] });
    await scene.engine();
    const without = scene.worker("v", { ...x, ...poor }, () => ({}));
    const jobId = await scene.create("flow");
    await scene.advance(600_000);
    const explained = await scene.ask((engine) => engine.explain(client, jobId));
    expect(explained?.workers).toEqual([{ workerId: "v", eligible: false, reasons: [reason] }]);
    const fits = scene.worker("w", { ...x, ...good }, () => ({}));
    await scene.ended(jobId);
    expect([without.got.length, fits.got.length]).toEqual([0, 1]);
  },
);

test("a worker's capacity is never exceeded, however many engines it asks at once", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  for (const name of ["e", "f", "g"]) await scene.engine(name);
  await scene.ask((engine) => engine.registerWorker("w", { ...x, max_concurrent_tasks: 2 }));
  const jobs: string[] = [];
  for (let job = 0; job < 10; job++) jobs.push(await scene.create("flow"));
  let open = 0;
  let most = 0;
  for (const host of scene.hosts) {
    for (let poll = 0; poll < 2; poll++) {
      void (async () => {
        for (;;) {
          const got = await scene.request((engine) => engine.poll("w", { limit: 5, holdMs: 5000, signal }), host);
          got?.delivered();
          open += got?.tasks.length ?? 0;
          most = Math.max(most, open);
          await scene.time.sleep(700);
          for (const { taskId, jobId } of got?.tasks ?? []) {
            const report = { status: "success", data: null, error: null };
            open -= 1;
            await scene.request((engine) => engine.results([{ jobId, taskId, worker: "w", report }]), host);
          }
        }
      })();
    }
  }
  for (const jobId of jobs) await scene.ended(jobId);
  expect(most).toBe(2);
});

test("a poll that a newer one of its worker replaced is answered empty, not sooner than 1 s after it began", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  await scene.ask((engine) => engine.registerWorker("w", x));
  const began = scene.elapsed;
  const answers: { at: number; tasks: number }[] = [];
  const poll = () =>
    void scene
      .request((engine) => engine.poll("w", { limit: 1, holdMs: 20_000, signal }))
      .then((got) => answers.push({ at: scene.elapsed - began, tasks: got?.tasks.length ?? -1 }));
  poll();
  await scene.advance(200);
  poll();
  await scene.advance(700);
  expect(answers).toEqual([]);
  await scene.advance(200);
  expect(answers).toEqual([{ at: expect.any(Number), tasks: 0 }]);
  expect(answers[0]?.at).toBeGreaterThanOrEqual(1000);
  // One that began longer ago is answered at once; the task goes to the newest.
  await scene.advance(5000);
  poll();
  await scene.advance(10);
  expect(answers).toHaveLength(2);
  await scene.create("flow");
  await scene.advance(100);
  expect(answers[2]).toMatchObject({ tasks: 1 });
});

test("too many parked polls are refused", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()], options: { maxParkedPolls: 2 } });
  await scene.engine();
  const poll = (id: string) => scene.request((engine) => engine.poll(id, { limit: 1, holdMs: 5000, signal }));
  void poll("a");
  void poll("b");
  await scene.advance(10);
  expect(await scene.within(1000, poll("c"))).toBeNull();
  expect((await scene.within(20_000, poll("a")))?.tasks).toEqual([]);
});

test.each(["draining", "offline"])(
  "a worker that is %s gets no new task, its open lease stays, and another status undoes it",
  async (status) => {
    const scene = await openScene({ blueprints: () => [oneTask()] });
    await scene.engine();
    const worker = scene.worker("w", { ...x, max_concurrent_tasks: 2 }, (_, self) =>
      self.sleep(10_000).then(() => ({})),
    );
    const first = await scene.create("flow");
    await scene.until(() => worker.got.length === 1);
    await scene.ask((engine) => engine.heartbeat("w", { status }));
    const second = await scene.create("flow");
    expect((await scene.ended(first)).status).toBe("finished");
    await scene.advance(60_000);
    expect(worker.got).toHaveLength(1);
    const explained = await scene.ask((engine) => engine.explain(client, second));
    expect(explained?.workers).toEqual([{ workerId: "w", eligible: false, reasons: [`it is ${status}`] }]);
    await scene.ask((engine) => engine.heartbeat("w", { status: "idle" }));
    expect((await scene.ended(second)).status).toBe("finished");
  },
);

test("a heartbeat revives an unknown worker and sets its load, never its reputation", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  const host = await scene.engine();
  const jobId = await scene.create("flow");
  await scene.ask((engine) => engine.heartbeat("ghost", { ...x, load: 3, reputation: 0.01 }));
  expect(host.engine.workers()).toMatchObject([{ id: "ghost", record: { load: 3 }, reputation: 1 }]);
  const poll = await scene.ask((engine) => engine.poll("ghost", { limit: 1, holdMs: 5000, signal }));
  expect(poll?.tasks).toMatchObject([{ jobId }]);
  // Another engine learns of it.
  await scene.engine("f");
  await scene.advance(100);
  expect(scene.hosts[1]?.engine.workers()).toMatchObject([{ id: "ghost", record: { load: 3 } }]);
});

test("a worker that learns a skill with a heartbeat gets the task at once", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  const worker = scene.worker("w", { supported_tasks: ["y"] }, () => ({}));
  const jobId = await scene.create("flow");
  await scene.advance(3000);
  await scene.ask((engine) => engine.heartbeat("w", { supported_tasks: ["x", "y"] }));
  await scene.advance(100);
  expect(worker.got).toHaveLength(1);
  await scene.ended(jobId);
});

test("progress of a task stands in its job until the next state", async () => {
  const scene = await openScene({ blueprints: () => [oneTask()] });
  await scene.engine();
  const worker = scene.worker("w", x, (_, self) => self.sleep(10_000).then(() => ({})));
  const jobId = await scene.create("flow");
  await scene.until(() => worker.got.length === 1);
  const taskId = worker.got[0]?.taskId as string;
  await scene.ask((engine) =>
    engine.heartbeat("w", { progress: { [taskId]: { progress: 0.5, message: "half" }, odd: 3 } }),
  );
  await scene.ask((engine) =>
    engine.heartbeat("v", { progress: { [taskId]: { progress: 0.9, message: "not mine" } } }),
  );
  await scene.advance(1500);
  expect((await scene.job(jobId)).details.job.progress).toMatchObject({ value: 0.5, message: "half", taskId });
  expect((await scene.ended(jobId)).details.job.progress).toBeNull();
});

// Whoever is the better worker gets the task, also when it asks at another engine.
import type { JsonObject } from "avtomatika/internal/core/json";
import { expect, test } from "vitest";
import { flow } from "./flows.ts";
import { type Host, openScene, type Scene } from "./harness.ts";

const { signal } = new AbortController();
type Strategy = "round_robin" | "default" | "cheapest" | "least_connections" | "best_value";

async function fleet(strategy: Strategy, engines: number) {
  const scene = await openScene({
    blueprints: () => [
      flow({
        start: ({ actions }) =>
          actions.dispatchTask({
            taskType: "x",
            dispatchStrategy: strategy,
            transitions: { success: "done" },
          } as never),
      }),
    ],
  });
  const hosts: Host[] = [];
  for (let n = 0; n < engines; n++) hosts.push(await scene.engine(`e${n}`));
  await scene.advance(1000);
  return { scene, hosts };
}

/** A worker that always asks at one engine. Who got which task, and when, is noted in `got`. */
async function employ(scene: Scene, host: Host, id: string, got: string[], record: JsonObject = {}, workMs = 5) {
  await scene.ask(
    (engine) => engine.registerWorker(id, { supported_tasks: ["x"], max_concurrent_tasks: 1, ...record }),
    host,
  );
  void (async () => {
    for (;;) {
      const poll = await scene.request((engine) => engine.poll(id, { limit: 1, holdMs: 30_000, signal }), host);
      poll?.delivered();
      for (const task of poll?.tasks ?? []) {
        got.push(id);
        await new Promise((resolve) => void host.process.after(workMs, () => resolve(null)));
        const report = { status: "success", data: null, error: null };
        const message = { jobId: task.jobId, taskId: task.taskId, worker: id, report };
        await scene.request((engine) => engine.results([message]), host);
      }
    }
  })().catch(() => {});
}

test.each([2, 3])("round robin goes round the workers of %i engines", async (engines) => {
  const { scene, hosts } = await fleet("round_robin", engines);
  const got: string[] = [];
  const workers = engines * 2;
  for (let n = 0; n < workers; n++) await employ(scene, hosts[n % engines] as Host, `w${n}`, got);
  await scene.advance(200);
  const jobs = workers * 10;
  for (let n = 0; n < jobs; n++) {
    const before = scene.elapsed;
    await scene.create("flow");
    await scene.until(() => got.length === n + 1);
    // Nobody is waited for in vain.
    expect(scene.elapsed - before).toBeLessThan(40);
    await scene.advance(150);
  }
  const rounds = Array.from({ length: 10 }, (_, n) => got.slice(n * workers, (n + 1) * workers));
  for (const round of rounds) expect(new Set(round).size).toBe(workers);
});

test("an engine that starts later goes on with the round of the others", async () => {
  const { scene, hosts } = await fleet("round_robin", 1);
  const got: string[] = [];
  const [first] = hosts as [Host];
  for (const id of ["w0", "w1", "w2"]) await employ(scene, first, id, got);
  for (let n = 0; n < 5; n++) {
    await scene.create("flow");
    await scene.advance(300);
  }
  expect(got).toEqual(["w0", "w1", "w2", "w0", "w1"]);
  const second = await scene.engine("late");
  await scene.advance(500);
  scene.kill(first);
  for (const id of ["w0", "w1", "w2"]) await employ(scene, second, id, got);
  await scene.advance(200);
  for (let n = 0; n < 4; n++) {
    await scene.create("flow");
    await scene.advance(300);
  }
  expect(got.slice(5)).toEqual(["w2", "w0", "w1", "w2"]);
});

test.each<[Strategy, JsonObject, JsonObject]>([
  ["default", { hot_skills: ["x"], cost: 5 }, { cost: 1 }],
  ["default", { cost: 1 }, { cost: 2 }],
  ["cheapest", { cost: 1 }, { cost: 2, hot_skills: ["x"] }],
  ["best_value", { cost: 1 }, { cost: 2 }],
  ["least_connections", { load: 0 }, { load: 3 }],
])("%s: the better worker gets each task, whichever engine hears of it first", async (strategy, better, worse) => {
  for (const place of [0, 1]) {
    const { scene, hosts } = await fleet(strategy, 2);
    const got: string[] = [];
    await employ(scene, hosts[place] as Host, "better", got, better);
    await employ(scene, hosts[1 - place] as Host, "worse", got, worse);
    await scene.advance(200);
    for (let n = 0; n < 20; n++) {
      await scene.create("flow");
      await scene.advance(200);
    }
    expect(got).toEqual(Array.from({ length: 20 }, () => "better"));
  }
});

test("a better worker whose engine died is waited for once", async () => {
  const { scene, hosts } = await fleet("cheapest", 2);
  const got: string[] = [];
  const [first, second] = hosts as [Host, Host];
  await employ(scene, second, "better", got, { cost: 1 });
  await employ(scene, first, "worse", got, { cost: 2 });
  await scene.advance(200);
  scene.kill(second);
  const late: number[] = [];
  for (let n = 0; n < 5; n++) {
    const before = scene.elapsed;
    await scene.create("flow");
    await scene.until(() => got.length === n + 1);
    late.push(scene.elapsed - before);
    await scene.advance(200);
  }
  expect(late[0]).toBeLessThan(100);
  for (const ms of late.slice(1)) expect(ms).toBeLessThan(30);
  expect(new Set(got)).toEqual(new Set(["worse"]));
});

test("a worker that asks at another engine has its older poll answered, and a task goes to the newer one", async () => {
  const { scene, hosts } = await fleet("default", 2);
  const [first, second] = hosts as [Host, Host];
  await scene.ask((engine) => engine.registerWorker("w", { supported_tasks: ["x"] }), first);
  let older: unknown = "parked";
  const ask = (host: Host) => scene.request((engine) => engine.poll("w", { limit: 1, holdMs: 30_000, signal }), host);
  void ask(first).then((poll) => {
    older = poll?.tasks;
  });
  await scene.advance(300);
  const newer = ask(second);
  await scene.advance(300);
  const jobId = await scene.create("flow");
  const poll = await scene.within(1000, newer);
  expect(poll?.tasks.map((task) => task.jobId)).toEqual([jobId]);
  await scene.advance(1000);
  expect(older).toEqual([]);
});

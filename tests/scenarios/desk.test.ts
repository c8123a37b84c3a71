import type { JsonObject } from "avtomatika/internal/core/json";
import type { HandedTask, Poll } from "avtomatika/internal/engine/orchestrator";
import { MemoryStorage } from "avtomatika/internal/storage/memory/memory-storage";
import { wrapCalls } from "avtomatika/internal/storage/wrap/wrap-calls";
import { describe, expect, test } from "vitest";
import { flow, oneTask } from "./flows.ts";
import { openScene, type Scene, type SceneOptions } from "./harness.ts";

/** Workers that poll by hand, so that a test says who asks when. */
async function desk(
  blueprints: SceneOptions["blueprints"],
  workers: Record<string, JsonObject>,
  options: Partial<SceneOptions> = {},
) {
  const scene = await openScene({ blueprints, ...options });
  await scene.engine();
  for (const [id, record] of Object.entries(workers)) await register(scene, id, record);
  return scene;
}
function register(scene: Scene, id: string, record: JsonObject): Promise<void> {
  return scene.ask((engine) =>
    engine.registerWorker(id, { worker_id: id, supported_tasks: ["x"], max_concurrent_tasks: 1, ...record }),
  );
}

interface Asked {
  /** Null while it is parked. */
  poll: Poll | null;
  at: number;
  tasks: () => string[];
}
/** Parks a poll and lets time go on without it. */
function ask(scene: Scene, id: string, options: { limit?: number; holdMs?: number; host?: number } = {}): Asked {
  const asked: Asked = { poll: null, at: 0, tasks: () => asked.poll?.tasks.map(({ taskId }) => taskId) ?? [] };
  const { signal } = new AbortController();
  void scene
    .request(
      (engine) => engine.poll(id, { limit: options.limit ?? 1, holdMs: options.holdMs ?? 30_000, signal }),
      scene.hosts[options.host ?? 0],
    )
    .then((poll) => {
      asked.poll = poll;
      asked.at = scene.elapsed;
      poll?.delivered();
    });
  return asked;
}
async function finish(scene: Scene, id: string, asked: Asked): Promise<void> {
  for (const { taskId, jobId } of asked.poll?.tasks ?? []) {
    const report = { status: "success", data: null, error: null };
    await scene.ask((engine) => engine.results([{ jobId, taskId, worker: id, report }]));
  }
}

describe("the strategies, decided when workers ask, among three that could take the task now", () => {
  async function winner(
    strategy: "default" | "cheapest" | "least_connections",
    records: JsonObject[],
  ): Promise<number> {
    const ids = ["a", "b", "c"];
    const scene = await desk(
      () => [oneTask({ dispatchStrategy: strategy })],
      Object.fromEntries(ids.map((id, at) => [id, records[at] as JsonObject])),
    );
    const asked = ids.map((id) => ask(scene, id));
    await scene.advance(2000);
    await scene.create("flow");
    await scene.advance(500);
    expect(asked.filter((one) => one.tasks().length > 0)).toHaveLength(1);
    return asked.findIndex((one) => one.tasks().length > 0);
  }

  test.each([
    [
      "default",
      "a warm one before a cheaper one",
      [{ cost_per_second: 1 }, { cost_per_second: 9, hot_cache: ["x"] }, { cost_per_second: 5 }],
      1,
    ],
    [
      "default",
      "of warm ones the cheapest",
      [{ hot_skills: ["x"], cost_per_second: 3 }, { cost_per_second: 1 }, { hot_skills: ["x"], cost_per_second: 2 }],
      2,
    ],
    [
      "default",
      "of cold ones the cheapest",
      [{ cost_per_second: 3 }, { cost_per_second: 2 }, { cost_per_second: 4 }],
      1,
    ],
    [
      "cheapest",
      "by its cost for the very type, warm or not",
      [{ cost_per_second: 1, cost_per_skill: { x: 8 } }, { cost: 5, hot_cache: ["x"] }, { cost_per_second: 4 }],
      2,
    ],
    ["cheapest", "an unknown cost last", [{}, { cost_per_second: 100 }, {}], 1],
    [
      "least_connections",
      "of equally idle ones the one with the lowest load",
      [{ load: 3 }, { load: 1 }, { load: 2 }],
      1,
    ],
  ] as const)("%s: %s", async (strategy, _rule, records, expected) => {
    expect(await winner(strategy, records as unknown as JsonObject[])).toBe(expected);
  });

  test("best_value: cost by reputation, and the reputation is that of the worker's own attempts", async () => {
    const spoil = flow(
      {
        start: ({ actions }) =>
          actions.dispatchParallel({
            tasks: Array.from({ length: 30 }, () => ({ taskType: "y" })),
            policy: "settled",
            aggregateInto: "joined",
          }),
      },
      "spoil",
    ).aggregatorFor("joined", () => {});
    const work = () => [oneTask({ dispatchStrategy: "best_value" }), spoil];
    const scene = await desk(work, { a: { cost_per_second: 3 }, c: { cost_per_second: 2 } });
    // The cheapest has failed thirty times: (0 + 10) / (30 + 10) makes it worth 4.
    const cheap = scene.worker("b", { cost_per_second: 1, supported_tasks: ["y"], max_concurrent_tasks: 5 }, () => ({
      status: "failure",
      error: { code: "PERMANENT_ERROR", message: "" },
    }));
    await scene.create("spoil");
    await scene.until(() => cheap.verdicts.length === 30);
    cheap.kill();
    await register(scene, "b", { cost_per_second: 1 });
    await scene.advance(61_000);
    expect(scene.hosts[0]?.engine.workers().find(({ id }) => id === "b")?.reputation).toBe(0.25);
    const asked = ["a", "b", "c"].map((id) => ask(scene, id));
    await scene.advance(2000);
    await scene.create("flow");
    await scene.advance(500);
    expect(asked.map((one) => one.tasks().length)).toEqual([0, 0, 1]);
  });

  test("round_robin: the one whose last task of the type is longest ago", async () => {
    const scene = await desk(() => [oneTask({ dispatchStrategy: "round_robin" })], { a: {}, b: {}, c: {} });
    const order: string[] = [];
    const ids = ["a", "b", "c"];
    const asked = new Map(ids.map((id) => [id, ask(scene, id)]));
    for (let job = 0; job < 9; job++) {
      await scene.advance(2000);
      await scene.create("flow");
      await scene.advance(100);
      for (const [id, one] of asked) {
        if (one.tasks().length === 0) continue;
        order.push(id);
        await finish(scene, id, one);
        asked.set(id, ask(scene, id));
      }
    }
    expect(order.join("")).toBe("abcabcabc");
  });

  test("least_connections: tasks spread over the workers, the fewest open leases first", async () => {
    const workers = { a: { max_concurrent_tasks: 3 }, b: { max_concurrent_tasks: 3 }, c: { max_concurrent_tasks: 3 } };
    const scene = await desk(() => [oneTask({ dispatchStrategy: "least_connections" })], workers);
    const open = { a: 0, b: 0, c: 0 };
    const asked = new Map(Object.keys(open).map((id) => [id as keyof typeof open, ask(scene, id, { limit: 3 })]));
    for (let job = 1; job <= 9; job++) {
      await scene.create("flow");
      await scene.advance(200);
      for (const [id, one] of asked) {
        if (one.poll === null) continue;
        open[id] += one.tasks().length;
        asked.set(id, ask(scene, id, { limit: 3 }));
      }
      const counts = Object.values(open);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
    expect(open).toEqual({ a: 3, b: 3, c: 3 });
  });
});

describe("hold-back", () => {
  async function contest() {
    const scene = await desk(() => [oneTask()], { good: { cost_per_second: 1 }, poor: { cost_per_second: 9 } });
    const poor = ask(scene, "poor");
    await scene.advance(5000);
    return { scene, poor };
  }

  test("a task waits up to DISPATCH_HOLD_MS for a better worker that asked within the last second and is idle", async () => {
    const { scene, poor } = await contest();
    ask(scene, "good", { holdMs: 10 });
    await scene.advance(300);
    await scene.create("flow");
    await scene.advance(20);
    expect(poor.poll).toBeNull();
    const good = ask(scene, "good");
    await scene.advance(20);
    expect([good.tasks().length, poor.poll]).toEqual([1, null]);
  });

  test("and no longer", async () => {
    const { scene, poor } = await contest();
    ask(scene, "good", { holdMs: 10 });
    await scene.advance(300);
    await scene.create("flow");
    const at = scene.elapsed;
    await scene.until(() => poor.tasks().length === 1, 1000);
    expect(poor.at - at).toBeGreaterThan(40);
    expect(poor.at - at).toBeLessThan(60);
  });

  test("a better worker that asked longer ago is not waited for", async () => {
    const { scene, poor } = await contest();
    ask(scene, "good", { holdMs: 10 });
    await scene.advance(1500);
    await scene.create("flow");
    const at = scene.elapsed;
    await scene.until(() => poor.tasks().length === 1, 1000);
    expect(poor.at - at).toBeLessThan(15);
  });
});

test("order: priority high to low, then age; a task's own priority wins over the job's", async () => {
  const blueprint = flow({
    start: ({ actions, initialData }) =>
      actions.dispatchTask({
        taskType: "x",
        params: { n: initialData["n"] as number },
        transitions: { success: "done" },
        ...(initialData["own"] === undefined ? {} : { priority: initialData["own"] as number }),
      }),
  });
  const scene = await desk(() => [blueprint], { w: { max_concurrent_tasks: 10 } });
  const jobs: [number, { priority?: number; own?: number }][] = [
    [1, {}],
    [2, { priority: 5 }],
    [3, { priority: -5 }],
    [4, { priority: 5 }],
    [5, { priority: -9, own: 7 }],
    [6, { priority: 9, own: 0 }],
  ];
  for (const [n, { priority = 0, own }] of jobs)
    await scene.create("flow", own === undefined ? { n } : { n, own }, { priority });
  await scene.advance(1000);
  const asked = ask(scene, "w", { limit: 10 });
  await scene.until(() => asked.poll !== null);
  expect(asked.poll?.tasks.map(({ params }) => params["n"])).toEqual([5, 2, 4, 1, 6, 3]);
});

test("order holds over lanes: a worker that may take several types gets the oldest of the highest priority", async () => {
  const blueprint = flow({
    start: ({ actions, initialData }) =>
      actions.dispatchTask({ taskType: initialData["type"] as string, transitions: { success: "done" } }),
  });
  const scene = await desk(() => [blueprint], { w: { supported_tasks: ["x", "y", "z"], max_concurrent_tasks: 10 } });
  for (const [type, priority] of [
    ["x", 0],
    ["y", 2],
    ["z", 0],
    ["x", 2],
    ["y", 0],
  ] as const)
    await scene.create("flow", { type }, { priority });
  await scene.advance(1000);
  const asked = ask(scene, "w", { limit: 10 });
  await scene.until(() => asked.poll !== null);
  expect(asked.poll?.tasks.map(({ type, priority }) => `${type}${priority}`)).toEqual(["y2", "x2", "x0", "z0", "y0"]);
});

test("a retried attempt keeps its place", async () => {
  const retry = { delaySeconds: 1, maxRetries: 3 };
  const scene = await desk(() => [oneTask({ retry })], { w: { max_concurrent_tasks: 10 } });
  const first = await scene.create("flow");
  const asked = ask(scene, "w");
  await scene.until(() => asked.poll !== null);
  await scene.create("flow");
  const { taskId, jobId } = (asked.poll as unknown as Poll).tasks[0] as HandedTask;
  const report = { status: "failure", data: null, error: null };
  await scene.ask((engine) => engine.results([{ jobId, taskId, worker: "w", report }]));
  await scene.advance(5000);
  const again = ask(scene, "w");
  await scene.until(() => again.poll !== null);
  expect(again.poll?.tasks).toMatchObject([{ jobId: first, attempt: 2 }]);
});

test("a slot that becomes free while the store's answer that there is none is on its way brings the next task at once", async () => {
  const answer = Promise.withResolvers<void>();
  let isSlow = false;
  const scene = await desk(
    () => [oneTask()],
    { w: {} },
    {
      watch: false,
      storage: (clock) =>
        wrapCalls(new MemoryStorage({ clock, shards: 1 }), async ({ method, pass }) => {
          const reply = await pass();
          if (isSlow && method === "claimTasks") await answer.promise;
          return reply;
        }),
    },
  );
  await scene.create("flow");
  const first = ask(scene, "w");
  await scene.until(() => first.poll !== null);
  await scene.create("flow");
  await scene.advance(100);
  isSlow = true;
  const second = ask(scene, "w");
  await scene.advance(10);
  isSlow = false;
  await finish(scene, "w", first);
  await scene.advance(10);
  expect(second.poll).toBeNull();
  answer.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  await scene.until(() => second.tasks().length === 1, 50);
});

test("tasks of all shards are handed out, none of them before all of another", async () => {
  const blueprint = oneTask();
  const scene = await desk(() => [blueprint], {}, { shards: 3, watch: false });
  for (let job = 0; job < 90; job++) await scene.create("flow");
  const worker = scene.worker("w", { supported_tasks: ["x"] }, () => ({}));
  await scene.until(() => worker.got.length === 90);
  const last = new Map<string, number>();
  for (const [at, { jobId }] of worker.got.entries()) last.set(jobId.slice(-1), at);
  // The first shard to run dry does so in the last half.
  expect(Math.min(...last.values())).toBeGreaterThan(45);
});

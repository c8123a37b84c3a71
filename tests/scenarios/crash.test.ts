import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteStorage } from "avtomatika/internal/storage/sqlite/sqlite-storage";
import type { Storage } from "avtomatika/internal/storage/storage";
import { afterAll, describe, expect, test } from "vitest";
import { flow } from "./flows.ts";
import type { CallFate } from "./gated-store.ts";
import { openScene } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "scenarios-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const stores: Record<string, ((clock: () => number) => Storage) | undefined> = {
  memory: undefined,
  sqlite: (clock) => new SqliteStorage(join(folder, `${files++}.db`), { clock, synchronous: "NORMAL" }),
};

interface Log {
  /** Executions of `once` that came to their end. */
  paid: string[];
  keys: Set<string>;
}

/** Everything that a step can write: a transition, once, a task, a fan-out, a child, an approval, a sleep. */
function long(log: Log) {
  const child = flow({ start: ({ actions }) => actions.finish({ child: true }) }, "child");
  const parent = flow({
    start: async ({ once, idempotencyKey, actions, stateHistory }) => {
      log.keys.add(idempotencyKey);
      stateHistory["paid"] = await once("pay", () => {
        log.paid.push(idempotencyKey);
        return log.paid.length;
      });
      return actions.dispatchTask({ taskType: "x", transitions: { success: "many" } });
    },
    many: ({ actions }) =>
      actions.dispatchParallel({ tasks: [{ taskType: "x" }, { taskType: "x" }], aggregateInto: "joined" }),
    child: ({ actions }) =>
      actions.runBlueprint({ blueprintName: "child", initialData: {}, transitions: { success: "nap" } }),
    nap: ({ actions }) => actions.sleep({ seconds: 2 }, "hop"),
    hop: ({ actions, stateHistory }) => {
      stateHistory["hops"] = (stateHistory["hops"] ?? 0) + 1;
      return actions.transitionTo("done");
    },
  }).aggregatorFor("joined", { transitions: ["child"] }, ({ aggregationResults, stateHistory, actions }) => {
    stateHistory["branches"] = Object.keys(aggregationResults).length;
    return actions.transitionTo("child");
  });
  return [parent, child];
}

/** Runs one job; the engine dies at its n-th call to the store, and another starts after it. Answers how many calls there were. */
async function run(store: string, deadly: number, fate: CallFate): Promise<{ calls: number; log: Log }> {
  const log: Log = { paid: [], keys: new Set() };
  const storage = stores[store];
  let calls = 0;
  const scene = await openScene({
    blueprints: () => long(log),
    ...(storage === undefined ? {} : { storage }),
    onCall: () => (++calls === deadly ? fate : "pass"),
  });
  scene.boot("e0");
  const worker = scene.worker("w", { supported_tasks: ["x"], max_concurrent_tasks: 3 }, () => ({
    data: { worked: true },
  }));
  const created = (async () => {
    const creation = scene.creation("flow", {}, { idempotency: { key: "k", fingerprint: "f" } });
    for (;;) {
      try {
        return (await scene.request((engine) => engine.createJobs([creation])))[0];
      } catch {
        await scene.time.sleep(300);
      }
    }
  })();
  // A supervisor starts the engine again.
  const watch = (): void => {
    if (scene.hosts.length === 0) scene.boot("e1");
    scene.time.after(500, watch);
  };
  watch();
  const result = await scene.within(60_000, created);
  const view = await scene.ended((result as { jobId: string }).jobId);
  expect(view).toMatchObject({ status: "finished", state: "done" });
  expect(view.result).toMatchObject({ hops: 1, branches: 2, worked: true, sub_job_result: { outcome: "success" } });
  const { jobs } = await scene.store.listJobs({
    shard: 0,
    owner: null,
    status: null,
    blueprint: null,
    withoutDiscarded: false,
    before: null,
    limit: 9,
  });
  expect(jobs.map(({ status }) => status)).toEqual(["finished", "finished"]);
  expect(worker.verdicts.every(({ outcome }) => outcome === "applied" || outcome === "ignored")).toBe(true);
  return { calls, log };
}

describe.each(["memory", "sqlite"])("over %s, the process killed at every single store call of a job", (store) => {
  test.each(["die-before", "die-after"] as const)(
    "%s it was applied: the job ends exactly once",
    { timeout: 120_000 },
    async (fate) => {
      const { calls } = await run(store, 0, fate);
      expect(calls).toBeGreaterThan(15);
      for (let deadly = 1; deadly <= calls; deadly++) {
        const { log } = await run(store, deadly, fate);
        // A value that was stored is kept; the process may die between `fn` and the store.
        expect(log.keys.size).toBe(1);
        expect(log.paid.length).toBeLessThanOrEqual(2);
      }
    },
  );
});

test("once(name, fn) that was stored is not run again, however often the handler crashes", async () => {
  const paid: string[] = [];
  const seen: unknown[] = [];
  const attempts: number[] = [];
  const scene = await openScene({
    blueprints: ({ engine, sleep }) => [
      flow({
        start: async ({ once, actions, attempt }) => {
          attempts.push(attempt);
          seen.push(
            await once("pay", () => {
              paid.push(engine);
              return { receipt: engine };
            }),
          );
          if (attempt < 3) await sleep(1_000_000);
          return actions.transitionTo("done");
        },
      }),
    ],
  });
  const first = await scene.engine("a");
  const jobId = await scene.create("flow");
  await scene.advance(1000);
  scene.kill(first);
  const second = await scene.engine("b");
  await scene.until(() => seen.length === 2);
  scene.kill(second);
  await scene.engine("c");
  expect((await scene.ended(jobId)).status).toBe("finished");
  expect(paid).toEqual(["a"]);
  expect(seen).toEqual([{ receipt: "a" }, { receipt: "a" }, { receipt: "a" }]);
  expect(attempts).toEqual([1, 2, 3]);
});

test("a job that kills its engine ends in quarantine instead of killing them all", async () => {
  let runs = 0;
  const scene = await openScene({
    blueprints: () => [
      flow({
        start: () => {
          runs += 1;
          // The process is gone before anything else of it can happen.
          scene.kill(scene.hosts[0] as never);
          return new Promise(() => {});
        },
      }),
    ],
  });
  await scene.engine("e");
  const created = scene.request((engine) =>
    engine.createJobs([scene.creation("flow", {}, { idempotency: { key: "k", fingerprint: "f" } })]),
  );
  await scene.within(5000, created).catch(() => {});
  const supervise = (): void => {
    if (scene.hosts.length === 0) scene.boot("again");
    scene.time.after(500, supervise);
  };
  supervise();
  const jobId = await scene.create("flow", {}, { idempotency: { key: "k", fingerprint: "f" } });
  const view = await scene.ended(jobId, 3_600_000);
  expect(view).toMatchObject({
    status: "quarantined",
    error: 'the handler of state "start" was lost 10 times with its engine',
  });
  expect(runs).toBe(10);
});

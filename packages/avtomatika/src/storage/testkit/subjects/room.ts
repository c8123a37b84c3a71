import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import { judged, retried, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask } from "#storage/testkit/steps";

/** The bell of a worker that had been told that it is full, and has room again. */
export function checkRoom(check: Check): void {
  check("freed: a worker that was full rings when it has room", async (kit) => {
    for (const blueprint of ["a", "b", "c"]) await waiting(kit, blueprint, (job) => awaitTask(job));
    const [first, second] = (await kit.take(2, { capacity: 2 })) as [TaskRecord, TaskRecord];
    await kit.apply(succeeded(first));
    assert.deepEqual(await kit.rung("freed"), [{ kind: "freed", worker: "w1" }]);
    await kit.apply(succeeded(second));
    assert.deepEqual(await kit.rung("freed"), [], "it hasn't been told since that it is full");
  });

  check("freed: a worker with room doesn't ring", async (kit) => {
    await waiting(kit, "a", (job) => awaitTask(job));
    await kit.apply(succeeded(await kit.takeOne({ capacity: 2 })));
    assert.deepEqual(await kit.rung("freed"), []);
  });

  const endings: [string, (kit: Kit, task: TaskRecord) => Promise<unknown>][] = [
    ["a retry", (kit, task) => kit.apply(retried(task, kit.now + 1000))],
    ["a give-back", (kit, task) => kit.apply(judged(task, { kind: "return" }))],
    ["a new process", (kit) => kit.storage.releaseLeases({ shard: kit.shard, worker: "w1", keep: [] })],
    [
      "an answer to a cancel",
      async (kit, task) => {
        await kit.storage.cancelJob({ jobId: task.jobId, id: "x", lease: null });
        assert.deepEqual(await kit.rung("freed"), [], "a revoked lease counts");
        await kit.settle({ ...succeeded(task), cancelled: true });
      },
    ],
    [
      "a new process after a cancel",
      async (kit, task) => {
        await kit.storage.cancelJob({ jobId: task.jobId, id: "x", lease: null });
        await kit.storage.releaseLeases({ shard: kit.shard, worker: "w1", keep: [] });
      },
    ],
  ];
  for (const [what, ending] of endings) {
    check(`freed: ${what} gives room`, async (kit) => {
      await waiting(kit, "a", (job) => awaitTask(job));
      const task = await kit.takeOne({ capacity: 1 });
      await ending(kit, task);
      assert.deepEqual(await kit.rung("freed"), [{ kind: "freed", worker: "w1" }]);
    });
  }
}

async function waiting(kit: Kit, blueprint: string, step: (job: Awaited<ReturnType<Kit["start"]>>) => object) {
  const job = await kit.start({ blueprint });
  return kit.commit(job, step(job));
}

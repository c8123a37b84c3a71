import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import { addressOf, judged, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitTask } from "#storage/testkit/steps";

/** Storage.putProgress. */
export function checkProgress(check: Check): void {
  check("progress of a task that is out is its job's", async (kit) => {
    const task = await held(kit);
    kit.advance(10);
    assert.equal(await put(kit, task, 0.5, "half"), 1);
    const job = await kit.job(task.jobId);
    const taskId = `${task.jobId}_1_0_1`;
    assert.deepEqual(job.progress, { value: 0.5, message: "half", taskId, updatedAt: kit.now });
    await put(kit, task, 0.75, null);
    assert.deepEqual((await kit.job(task.jobId)).progress?.value, 0.75);
  });

  check("progress from anybody else is skipped", async (kit) => {
    const task = await held(kit);
    assert.equal(await put(kit, { ...task, worker: "w2" }, 1), 0);
    assert.equal(await put(kit, { ...task, attempt: 2 }, 1), 0);
    assert.equal(await put(kit, { ...task, index: 1 }, 1), 0);
    assert.equal(await put(kit, { ...task, wait: 2 }, 1), 0);
    assert.equal(await put(kit, { ...task, jobId: kit.id() }, 1), 0);
    assert.equal((await kit.job(task.jobId)).progress, null);
  });

  check("progress of what is no longer out is skipped", async (kit) => {
    const settled = await held(kit, "a");
    await kit.apply(succeeded(settled));
    assert.equal(await put(kit, settled, 1), 0);
    const given = await held(kit, "b");
    await kit.apply(judged(given, { kind: "return" }));
    assert.equal(await put(kit, given, 1), 0);
    await kit.apply(succeeded(given));
    const cancelled = await held(kit, "c", "w3");
    await kit.storage.cancelJob({ jobId: cancelled.jobId, id: "x", lease: null });
    assert.equal(await put(kit, cancelled, 1), 0);
  });

  check("several entries are stored in one call", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 2 }]));
    const tasks = await kit.take(2);
    const entries = tasks.map((task, n) => ({ address: addressOf(task), worker: "w1", value: n, message: `${n}` }));
    const strange = { ...entries[0], address: { ...addressOf(tasks[0] as TaskRecord), jobId: kit.id() } };
    const all = [...entries, strange as (typeof entries)[number]];
    assert.equal((await kit.storage.putProgress({ shard: kit.shard, entries: all })).stored, 2);
    assert.equal((await kit.job(job.id)).progress?.message, "1");
    assert.equal((await kit.storage.putProgress({ shard: kit.shard, entries: [] })).stored, 0);
  });

  check("progress goes when a state is entered, not before", async (kit) => {
    const task = await held(kit);
    await put(kit, task, 0.5);
    await kit.apply(succeeded(task));
    const { job } = await kit.claimOne();
    const same = await kit.commit(job);
    assert.equal(same.progress?.value, 0.5);
    const next = await kit.commit(same, { resetProgress: true });
    assert.equal(next.progress, null);
  });
}

async function held(kit: Kit, blueprint = "flow", worker = "w1"): Promise<TaskRecord> {
  const job = await kit.start({ blueprint });
  await kit.commit(job, awaitTask(job));
  return kit.takeOne({ worker });
}

async function put(kit: Kit, task: TaskRecord, value: number, message: string | null = null): Promise<number> {
  const entries = [{ address: addressOf(task), worker: task.worker ?? "", value, message }];
  return (await kit.storage.putProgress({ shard: kit.shard, entries })).stored;
}

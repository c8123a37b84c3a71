import assert from "node:assert/strict";
import type { TaskRecord } from "#core/task";
import { commit, laneOfType, newInitial, newJob, succeeded, taskEnd, taskItem } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import { awaitBranches, awaitTask } from "#storage/testkit/steps";

/** Nothing is shared with the caller, and a call that throws leaves nothing behind. */
export function checkCopies(check: Check): void {
  check("a reply that is changed changes nothing in the store", async (kit) => {
    const job = await kit.start({ initial: newInitial({ data: { a: { b: 1 } } }) });
    await kit.commit(job, {
      ...awaitTask(job, laneOfType("work", { requirements: { gpu: "x" } })),
      data: { c: { d: 1 } },
    });
    const before = await kit.details(job.id);
    const kept = structuredClone(before);
    spoil(before);
    assert.deepEqual(await kit.details(job.id), kept);
    const lanes = await kit.poll({ lanes: [] });
    const keptLanes = structuredClone(lanes.lanes);
    spoil(lanes);
    assert.deepEqual((await kit.poll({ lanes: [] })).lanes, keptLanes);
    const none = { owner: null, status: null, blueprint: null, withoutDiscarded: false, before: null };
    spoil(await kit.storage.listJobs({ shard: kit.shard, ...none, limit: 9 }));
    const offered = await kit.poll({ lanes: [laneOfType("work", { requirements: { gpu: "x" } }).id] });
    const keptTask = structuredClone(offered.tasks[0]?.task);
    spoil(offered);
    assert.deepEqual((await kit.details(job.id)).task, keptTask);
    const address = { jobId: job.id, wait: 1, index: 0, attempt: 1 };
    const found = await kit.storage.getTask({ address });
    const keptFound = structuredClone(found);
    spoil(found);
    assert.deepEqual(await kit.storage.getTask({ address }), keptFound);
  });

  check("bells that are changed change nothing in the store", async (kit) => {
    const stop = kit.storage.listen((bell) => spoil(bell));
    const job = await kit.start();
    const lane = laneOfType("work", { requirements: { gpu: "x" } });
    await kit.commit(job, awaitTask(job, lane));
    await kit.bells();
    stop();
    assert.deepEqual((await kit.details(job.id)).lanes, [lane]);
  });

  check("an input that is changed afterwards changes nothing in the store", async (kit) => {
    const created = newJob(kit.id(), { initial: newInitial({ data: { a: { b: 1 } } }) });
    const input = { shard: kit.shard, jobs: [{ job: created, dedup: null }], lease: kit.lease() };
    const { leased } = await kit.storage.createJobs(input);
    spoil(input.jobs);
    const job = leased[0]?.job ?? assert.fail();
    assert.deepEqual((await kit.details(job.id)).initial.data, { a: { b: 1 } });
    const step = commit(job, {
      ...awaitTask(job, laneOfType(), taskItem({ params: { p: [1] } })),
      data: { c: { d: [1] } },
    });
    const head = structuredClone(step.head);
    await kit.storage.commitStep({ commit: step, lease: null });
    spoil(step);
    const details = await kit.details(job.id);
    assert.deepEqual([details.data, details.job.head], [{ c: { d: [1] } }, head]);
    const task = await kit.takeOne();
    assert.deepEqual(task.item.params, { p: [1] });
    const settlement = succeeded(task);
    await kit.apply(settlement);
    spoil(settlement);
    const { event } = (await kit.claimOne()).job;
    assert.deepEqual(event?.kind === "task" && event.end, taskEnd(task, { workerId: "w1" }));
  });

  check("no call changes its input", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job, awaitTask(job)), lease: kit.lease() };
    const keptStep = structuredClone(step);
    await kit.storage.commitStep(step);
    assert.deepEqual(step, keptStep);
    const task = await kit.takeOne();
    const input = { shard: kit.shard, settlements: [succeeded(task)], lease: kit.lease() };
    const keptInput = structuredClone(input);
    await kit.storage.settleTasks(input);
    assert.deepEqual(input, keptInput);
  });

  check("a call that throws leaves nothing behind", async (kit) => {
    const job = await kit.start();
    const before = await kit.details(job.id);
    const broken = {
      ...newJob(kit.id()),
      get initial(): never {
        throw new Error("unreadable");
      },
    };
    const step = commit(job, { ...awaitTask(job), data: { n: 1 }, children: [broken] });
    await assert.rejects(async () => await kit.storage.commitStep({ commit: step, lease: null }));
    assert.deepEqual(await kit.details(job.id), before);
    assert.deepEqual((await kit.poll()).tasks, []);
    await kit.commit(job, awaitBranches(job, [{ count: 2 }]));
    const [first, second] = (await kit.take(2)) as [TaskRecord, TaskRecord];
    const bad = {
      ...succeeded(second),
      get verdict(): never {
        throw new Error("unreadable");
      },
    };
    const settlements = [succeeded(first), bad];
    await assert.rejects(async () => await kit.storage.settleTasks({ shard: kit.shard, settlements, lease: null }));
    assert.equal((await kit.details(job.id)).join?.ok, 0, "the first result of the call wasn't applied either");
    await kit.settle(succeeded(first), succeeded(second));
    assert.equal((await kit.claimOne()).job.event?.kind, "join");
  });
}

/** Changes all that can be changed in a value. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  for (const [key, one] of Object.entries(value)) {
    spoil(one);
    if (typeof one !== "object") Reflect.set(value, key, "spoilt");
  }
  Reflect.set(value, "spoilt", true);
}

import assert from "node:assert/strict";
import type { ExtendLeases } from "#storage/storage";
import { addressOf, judged, laneOfType, newInitial, succeeded, taskItem } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitTask } from "#storage/testkit/steps";

/** Storage.claimTasks: offers, their confirmation, and what a worker may hold. */
export function checkOffers(check: Check): void {
  check("a dispatched task is offered to whoever asks for its lane", async (kit) => {
    const job = await kit.start({ initial: newInitial({ trace: {} }) });
    const item = taskItem({ params: { a: [1] }, priority: 3 });
    const step = awaitTask(job, laneOfType("resize"), item);
    await kit.commit(job, { ...step, join: { ...(step.join as NonNullable<typeof step.join>), trace: { t: "1" } } });
    kit.advance(10);
    const reply = await kit.poll({ lanes: ['["resize"]'], claim: "c", offerMs: 500, limit: 5 });
    const [given] = reply.tasks;
    assert.deepEqual([reply.tasks.length, given?.type, given?.trace], [1, "resize", { t: "1" }]);
    const { lane, state, worker, claim, attempt, index, leasedAt, deadline, due, past } = given?.task ?? assert.fail();
    assert.deepEqual(
      { lane, state, worker, claim },
      { lane: '["resize"]', state: "offered", worker: "w1", claim: "c" },
    );
    const times = { leasedAt: kit.now, deadline: kit.now + 60_000, due: kit.now + 500 };
    assert.deepEqual({ attempt, index, past, leasedAt, deadline, due }, { attempt: 1, index: 0, past: [], ...times });
    assert.deepEqual(given?.task.item, item);
    assert.deepEqual([reply.open, reply.left], [1, []]);
    assert.deepEqual((await kit.details(job.id)).task, given?.task);
  });

  check("a task is offered once", async (kit) => {
    await dispatch(kit);
    await kit.takeOne();
    assert.deepEqual((await kit.poll({ worker: "w2" })).tasks, []);
  });

  check("a repeated poll gives the same tasks and no more", async (kit) => {
    for (let n = 0; n < 3; n++) await dispatch(kit);
    const first = await kit.poll({ claim: "c", limit: 2 });
    const again = await kit.poll({ claim: "c", limit: 2 });
    const byJob = (reply: typeof first) => [...reply.tasks].sort((a, b) => (a.task.jobId < b.task.jobId ? -1 : 1));
    assert.deepEqual(byJob(again), byJob(first));
    assert.equal(again.open, 2);
    assert.deepEqual(again.left, ['["work"]']);
  });

  check("a repeated poll doesn't hand out what was cancelled since", async (kit) => {
    const jobId = await dispatch(kit);
    await kit.take(1, { claim: "c" });
    await kit.storage.cancelJob({ jobId, id: "x", lease: null });
    assert.deepEqual((await kit.poll({ claim: "c" })).tasks, []);
  });

  check("a repeated poll doesn't hand out what was given back since", async (kit) => {
    await dispatch(kit);
    const [task] = await kit.take(1, { claim: "c" });
    await kit.apply(judged(task ?? assert.fail(), { kind: "return" }));
    const other = await kit.takeOne({ worker: "w2" });
    assert.deepEqual((await kit.poll({ claim: "c" })).tasks, []);
    assert.equal((await kit.job(other.jobId)).status, "waiting_for_worker");
  });

  check("a confirmed offer is a lease", async (kit) => {
    await dispatch(kit);
    const task = await kit.takeOne({ claim: "c", offerMs: 100 });
    await confirm(kit, [{ address: addressOf(task), claim: "c" }]);
    const { found } = await kit.storage.getTask({ address: addressOf(task) });
    assert.deepEqual([found?.task?.state, found?.task?.due], ["leased", kit.now + 5000]);
    kit.advance(4999);
    assert.deepEqual((await kit.claim()).tasks, []);
    kit.advance(1);
    assert.equal((await kit.claim()).tasks[0]?.task?.state, "leased");
  });

  check("a lease is looked at no later than at its deadline", async (kit) => {
    await dispatch(kit, taskItem({ timeoutMs: 300 }));
    const task = await kit.takeOne({ claim: "c", offerMs: 10_000 });
    assert.deepEqual([task.deadline, task.due], [kit.now + 300, kit.now + 300]);
    await confirm(kit, [{ address: addressOf(task), claim: "c" }]);
    const { found } = await kit.storage.getTask({ address: addressOf(task) });
    assert.equal(found?.task?.due, kit.now + 300);
  });

  check("a deadline is the earlier of the lease's end and the result's", async (kit) => {
    await dispatch(kit, taskItem({ timeoutMs: 300, resultDue: kit.now + 200 }));
    assert.equal((await kit.takeOne()).deadline, kit.now + 200);
  });

  check("only the call that offered a task confirms it", async (kit) => {
    await dispatch(kit);
    const task = await kit.takeOne({ claim: "c" });
    const other = { ...addressOf(task), attempt: 2 };
    await confirm(kit, [
      { address: addressOf(task), claim: "other" },
      { address: other, claim: "c" },
      { address: { ...addressOf(task), jobId: kit.id() }, claim: "c" },
    ]);
    assert.equal((await kit.details(task.jobId)).task?.state, "offered");
  });

  check("an offer that ran out is judged by an engine and offered again", async (kit) => {
    await dispatch(kit);
    await kit.takeOne({ offerMs: 100 });
    kit.advance(100);
    const { tasks } = await kit.claim({ takeMs: 1000 });
    const [due] = tasks;
    assert.equal(due?.task?.state, "offered");
    assert.deepEqual((await kit.claim()).tasks, [], "another engine leaves it alone for a while");
    await kit.apply(judged(due?.task ?? assert.fail(), { kind: "return" }));
    const again = await kit.takeOne({ worker: "w2" });
    assert.deepEqual([again.attempt, again.unconfirmed, again.worker], [1, 1, "w2"]);
  });

  check("a due task comes again if the engine that took it dies", async (kit) => {
    await dispatch(kit);
    await kit.takeOne({ offerMs: 100 });
    kit.advance(100);
    assert.equal((await kit.claim({ takeMs: 1000 })).tasks.length, 1);
    kit.advance(999);
    assert.equal((await kit.claim()).tasks.length, 0);
    kit.advance(1);
    assert.equal((await kit.claim()).tasks.length, 1);
  });

  check("a confirmation sets the count of unconfirmed offers back", async (kit) => {
    await dispatch(kit);
    const first = await kit.takeOne();
    await kit.apply(judged(first, { kind: "return" }));
    const second = await kit.takeOne({ claim: "c" });
    await confirm(kit, [{ address: addressOf(second), claim: "c" }]);
    assert.equal((await kit.details(first.jobId)).task?.unconfirmed, 0);
  });

  check("a worker holds no more than its capacity", async (kit) => {
    for (let n = 0; n < 4; n++) await dispatch(kit);
    const first = await kit.poll({ limit: 10, capacity: 3 });
    assert.deepEqual([first.tasks.length, first.full, first.open], [3, true, 3]);
    const second = await kit.poll({ limit: 10, capacity: 3 });
    assert.deepEqual([second.tasks.length, second.full, second.open], [0, true, 3]);
    const other = await kit.poll({ limit: 10, capacity: 3, worker: "w2" });
    assert.deepEqual([other.tasks.length, other.full, other.open], [1, false, 1]);
  });

  check("a worker that finished a task has room again", async (kit) => {
    for (let n = 0; n < 2; n++) await dispatch(kit);
    const task = await kit.takeOne({ capacity: 1 });
    assert.equal((await kit.poll({ capacity: 1 })).full, true);
    await kit.apply(succeeded(task));
    const next = await kit.poll({ capacity: 1 });
    assert.deepEqual([next.tasks.length, next.open], [1, 1]);
  });

  check("a capacity below what a worker holds gives it nothing", async (kit) => {
    for (let n = 0; n < 3; n++) await dispatch(kit);
    await kit.take(2);
    const reply = await kit.poll({ capacity: 1, limit: 5 });
    assert.deepEqual([reply.tasks.length, reply.full, reply.open], [0, true, 2]);
  });
}

async function dispatch(kit: Kit, item = taskItem()): Promise<string> {
  const job = await kit.start();
  await kit.commit(job, awaitTask(job, laneOfType(), item));
  return job.id;
}

async function confirm(kit: Kit, tasks: ExtendLeases["confirm"]): Promise<void> {
  const none = { jobs: [], release: [] };
  const reply = await kit.storage.extendLeases({
    shard: kit.shard,
    engine: "e1",
    ms: 1,
    ...none,
    confirm: tasks,
    checkMs: 5000,
    silenceMs: 5000,
  });
  assert.deepEqual([reply.lost, reply.cancelled], [[], []]);
}

import assert from "node:assert/strict";
import type { JobRecord } from "#core/job";
import type { TaskRecord } from "#core/task";
import {
  failed,
  failure,
  judged,
  laneOfType,
  retried,
  settlement,
  succeeded,
  taskItem,
} from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitTask, end } from "#storage/testkit/steps";

/** Why a result is ignored: not_found, mismatch, cancelled, late, stale, judged in this order. */
export function checkReasons(check: Check): void {
  check("not_found: the job, the task or the attempt doesn't exist", async (kit) => {
    const { task } = await held(kit);
    const at = (over: object) => kit.reason({ ...succeeded(task), address: { ...address(task), ...over } });
    assert.equal(await at({ jobId: kit.id() }), "not_found");
    assert.equal(await at({ wait: 2 }), "not_found");
    assert.equal(await at({ index: 1 }), "not_found");
    assert.equal(await at({ attempt: 2 }), "not_found");
    assert.equal(await at({ attempt: 0 }), "not_found");
    assert.equal(await kit.reason(succeeded(task)), "applied");
    assert.equal(await at({ attempt: 2 }), "not_found");
  });

  check("not_found: a task of another job", async (kit) => {
    const { task } = await held(kit);
    const other = await kit.create();
    assert.equal(await kit.reason({ ...succeeded(task), address: { ...address(task), jobId: other } }), "not_found");
  });

  check("mismatch: the task is offered or leased to another worker", async (kit) => {
    const { task } = await held(kit);
    assert.equal(await kit.reason({ ...succeeded(task), worker: "w2" }), "mismatch");
    await kit.apply(succeeded(task));
    assert.equal(await kit.reason({ ...succeeded(task), worker: "w2" }), "mismatch", "also when it is settled");
  });

  check("mismatch comes before cancelled", async (kit) => {
    const { job, task } = await held(kit);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    assert.equal(await kit.reason({ ...succeeded(task), worker: "w2" }), "mismatch");
    assert.equal(await kit.reason(succeeded(task)), "cancelled");
  });

  check("cancelled: the attempt was cancelled with its job", async (kit) => {
    const { job, task } = await held(kit);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    assert.equal(await kit.reason(succeeded(task)), "cancelled");
    assert.equal(await kit.reason(succeeded(task)), "cancelled", "again, after the worker has answered");
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, end(kit.now, null, "cancelled"));
    assert.equal(await kit.reason(succeeded(task)), "cancelled", "also when the job has ended");
  });

  check("cancelled: the attempt was a sibling of the branch that decided", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 2 }], "any"));
    const [first, second] = (await kit.take(2)) as [TaskRecord, TaskRecord];
    await kit.apply(succeeded(first));
    assert.equal(await kit.reason(succeeded(second)), "cancelled");
    const { job: woken } = await kit.claimOne();
    await kit.commit(woken, end(kit.now));
    assert.equal(await kit.reason(failed(second)), "cancelled");
  });

  check("cancelled: a second attempt too, and a repeat of its answer", async (kit) => {
    const { job, task } = await held(kit);
    await kit.apply(retried(task, kit.now));
    const second = await kit.takeOne();
    assert.equal(second.attempt, 2);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    assert.equal(await kit.reason(succeeded(second)), "cancelled");
    assert.equal(await kit.reason(succeeded(second)), "cancelled");
  });

  check("cancelled: an attempt that was given back and then withdrawn", async (kit) => {
    const { job, task } = await held(kit);
    await kit.apply(judged(task, { kind: "return" }));
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    assert.equal(await kit.reason(succeeded(task)), "cancelled");
  });

  check("a worker's answer to a cancel is accepted, and again", async (kit) => {
    const { job, task } = await held(kit);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const answer = { ...failed(task), cancelled: true };
    const accepted = { outcome: "applied", answer: "cancelled", single: true };
    assert.deepEqual(await kit.settle(answer), [accepted]);
    assert.deepEqual(await kit.settle(answer), [accepted]);
    assert.deepEqual(await kit.settle({ ...answer, worker: "*" }), [accepted]);
  });

  check("late: the engine ended the attempt, and then the job ended", async (kit) => {
    const { task } = await held(kit);
    await timeOut(kit, task);
    assert.equal(await kit.reason(succeeded(task)), "stale");
    const { job } = await kit.claimOne();
    await kit.commit(job, end(kit.now, null, "failed"));
    assert.equal(await kit.reason(succeeded(task)), "late");
  });

  check("stale: the engine ended the attempt and another one is open", async (kit) => {
    const { task } = await held(kit);
    const end = failure(task, "TIMEOUT_ERROR");
    await kit.apply(judged(task, { kind: "retry", at: kit.now + 100, end, answer: "failure" }));
    assert.equal(await kit.reason(succeeded(task)), "stale", "while it is delayed");
    kit.advance(100);
    const second = await kit.takeOne({ worker: "w2" });
    assert.equal(second.attempt, 2);
    assert.equal(await kit.reason(succeeded(task)), "stale");
    assert.equal(await kit.reason({ ...succeeded(second), worker: "w1" }), "mismatch");
    await kit.apply(succeeded(second));
    assert.equal(await kit.reason(succeeded(task)), "stale");
  });

  check("stale: the task isn't leased", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job));
    const { task } = await kit.details(job.id);
    assert.equal(await kit.reason({ ...succeeded(task as TaskRecord), worker: "w1" }), "stale");
    assert.equal(await kit.reason({ ...succeeded(task as TaskRecord), worker: "*" }), "stale");
  });

  check("stale: the branch was never handed out", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 2 }]));
    const [first] = (await kit.take(1)) as [TaskRecord];
    assert.equal(await kit.reason({ ...succeeded(first), address: { ...address(first), index: 1 } }), "stale");
    assert.equal((await kit.take(1))[0]?.index, 1);
  });

  check("a result that was applied keeps its answer through all that follows", async (kit) => {
    const { job, task } = await held(kit);
    const first = retried(task, kit.now);
    const [answer] = await kit.settle(first);
    assert.deepEqual(answer, { outcome: "applied", answer: "failure", single: true });
    assert.deepEqual(await kit.settle(first), [answer], "while the next attempt is delayed");
    const second = await kit.takeOne({ worker: "w2" });
    assert.deepEqual(await kit.settle(first), [answer], "while the next attempt is out");
    assert.equal(await kit.reason({ ...first, worker: "w3" }), "stale", "but only the worker that sent it");
    await kit.apply(succeeded(second));
    assert.deepEqual(await kit.settle(first), [answer], "when the task is settled");
    const { job: woken } = await kit.claimOne();
    assert.equal(woken.id, job.id);
    await kit.commit(woken, end(kit.now));
    assert.deepEqual(await kit.settle(first), [answer], "when the job has ended");
    assert.equal((await kit.settle(succeeded(second)))[0]?.outcome, "applied");
  });

  check("an ignored result changes nothing", async (kit) => {
    const { job, task } = await held(kit);
    const before = await kit.details(job.id);
    await kit.reason({ ...succeeded(task), worker: "w2" });
    await kit.reason({ ...succeeded(task), address: { ...address(task), attempt: 2 } });
    await kit.reason({ ...judged(task, { kind: "drop" }), rev: task.rev + 1 });
    assert.deepEqual(await kit.details(job.id), before);
  });

  check("the engine can't end, retry or give back what was cancelled", async (kit) => {
    const { job, task } = await held(kit);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const { found } = await kit.storage.getTask({ address: address(task) });
    const revoked = found?.task ?? assert.fail();
    const marked = await kit.job(job.id);
    assert.equal(await kit.reason(judged(revoked, succeeded(revoked).verdict)), "stale");
    assert.equal(await kit.reason(judged(revoked, retried(revoked, kit.now).verdict)), "stale");
    assert.equal(await kit.reason(judged(revoked, { kind: "return" })), "stale");
    assert.deepEqual(await kit.job(job.id), marked);
    await kit.apply(settlement(revoked, { kind: "drop" }, { worker: null, rev: revoked.rev }));
  });
}

async function held(kit: Kit): Promise<{ job: JobRecord; task: TaskRecord }> {
  const started = await kit.start();
  const job = await kit.commit(started, awaitTask(started, laneOfType(), taskItem()));
  return { job, task: await kit.takeOne() };
}

async function timeOut(kit: Kit, task: TaskRecord): Promise<void> {
  const end = failure(task, "TIMEOUT_ERROR");
  await kit.apply(judged(task, { kind: "done", ok: false, end, answer: "failure" }));
}

function address({ jobId, wait, index, attempt }: TaskRecord) {
  return { jobId, wait, index, attempt };
}

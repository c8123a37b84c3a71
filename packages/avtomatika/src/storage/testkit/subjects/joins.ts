import assert from "node:assert/strict";
import type { Policy } from "#core/action";
import type { JobEvent } from "#core/job";
import type { TaskRecord } from "#core/task";
import { addressOf, failed, failure, judged, succeeded, taskEnd } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches } from "#storage/testkit/steps";

/** Joins: they fire once, when their policy is decided. */
export function checkJoins(check: Check): void {
  // Results in order: + a success, - a failure for good. The last one of each line decides, none before it.
  const decided: { policy: Policy; total: number; results: string; success: boolean }[] = [
    { policy: "all", total: 3, results: "+++", success: true },
    { policy: "all", total: 3, results: "-", success: false },
    { policy: "all", total: 3, results: "++-", success: false },
    { policy: "settled", total: 3, results: "---", success: true },
    { policy: "settled", total: 3, results: "+-+", success: true },
    { policy: "any", total: 3, results: "+", success: true },
    { policy: "any", total: 3, results: "--+", success: true },
    { policy: "any", total: 3, results: "---", success: false },
    { policy: { quorum: 2 }, total: 4, results: "-+-+", success: true },
    { policy: { quorum: 2 }, total: 4, results: "+---", success: false },
    { policy: { quorum: 1 }, total: 1, results: "-", success: false },
    { policy: { quorum: 3 }, total: 3, results: "+++", success: true },
  ];
  for (const { policy, total, results, success } of decided) {
    const name = typeof policy === "string" ? policy : `quorum ${policy.quorum}`;
    check(`${name} of ${total}: ${results} is a ${success ? "success" : "failure"}`, async (kit) => {
      const tasks = await branches(kit, total, policy);
      for (const [at, sign] of [...results].entries()) {
        const open = await kit.job(tasks[0]?.jobId ?? "");
        assert.deepEqual([open.wait, open.event], [1, null], "not decided before");
        const task = tasks[at] ?? assert.fail();
        await kit.apply(sign === "+" ? succeeded(task) : failed(task));
      }
      const { job } = await kit.claimOne();
      const last = tasks[results.length - 1] ?? assert.fail();
      const decisive = { ...(results.endsWith("+") ? taskEnd(last) : failure(last)), workerId: "w1" };
      const event = job.event as JobEvent;
      assert.deepEqual(event, { id: event.id, wait: 1, kind: "join", success, decisive });
      assert.equal(job.status, "running");
      const { found } = await kit.storage.getTask({ address: addressOf(last) });
      const ok = [...results].filter((sign) => sign === "+").length;
      assert.deepEqual([found?.join.state, found?.join.ok, found?.join.failed], ["fired", ok, results.length - ok]);
    });
  }

  check("a join that has fired doesn't fire again", async (kit) => {
    const tasks = await branches(kit, 3, "any");
    const [first, second, third] = tasks as [TaskRecord, TaskRecord, TaskRecord];
    await kit.apply(succeeded(first));
    const { job } = await kit.claimOne();
    assert.equal(await kit.reason(succeeded(second)), "cancelled");
    assert.equal(await kit.reason(failed(third)), "cancelled");
    await kit.apply(succeeded(first));
    assert.deepEqual(await kit.job(job.id), job);
    assert.deepEqual((await kit.claim()).jobs, []);
  });

  check("the branches of one call fire the join once", async (kit) => {
    const tasks = await branches(kit, 4, { quorum: 2 });
    const lease = kit.lease();
    const settlements = tasks.map((task) => succeeded(task));
    const { results, leased } = await kit.storage.settleTasks({ shard: kit.shard, settlements, lease });
    const ignored = { outcome: "ignored", reason: "cancelled" };
    const applied = { outcome: "applied", answer: "success", single: false };
    assert.deepEqual(results, [applied, applied, ignored, ignored]);
    assert.equal(leased.length, 1);
    assert.equal(leased[0]?.job.runs, 1);
  });

  check("a repeat of a branch is counted once", async (kit) => {
    const [first] = (await branches(kit, 2, "all")) as [TaskRecord];
    await kit.apply(succeeded(first));
    await kit.apply(succeeded(first));
    await kit.apply(failed(first));
    const { join, job } = await kit.details(first.jobId);
    assert.deepEqual([join?.ok, join?.failed, job.wait], [1, 0, 1]);
  });

  check("siblings are withdrawn when a join fires", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitBranches(job, [{ count: 4 }], "any", { graceMs: 700 }));
    const [first] = (await kit.take(1)) as [TaskRecord];
    const [second] = (await kit.take(1, { worker: "w2" })) as [TaskRecord];
    const [third] = (await kit.take(1, { worker: "w3" })) as [TaskRecord];
    await kit.apply(judged(third, { kind: "return" }));
    await kit.apply(succeeded(first));
    assert.deepEqual((await kit.poll({ limit: 5, worker: "w4" })).tasks, [], "nothing is handed out any more");
    assert.deepEqual((await kit.poll({ limit: 0 })).left, []);
    const { found } = await kit.storage.getTask({ address: addressOf(second) });
    assert.deepEqual([found?.task?.state, found?.task?.due, found?.result], ["revoked", kit.now + 700, null]);
    assert.equal((await kit.poll({ worker: "w2", limit: 0 })).open, 1, "a revoked lease counts");
    assert.equal(await kit.reason(succeeded(second)), "cancelled");
    assert.equal((await kit.poll({ worker: "w2", limit: 0 })).open, 0);
  });

  check("results are read in pages, by index", async (kit) => {
    const tasks = await branches(kit, 7, "settled");
    for (const at of [6, 2, 4, 0, 5]) {
      const task = tasks[at] ?? assert.fail();
      await kit.apply(at === 4 ? failed(task) : succeeded(task));
    }
    const jobId = tasks[0]?.jobId ?? "";
    const first = await kit.storage.readResults({ jobId, wait: 1, from: 0, limit: 3 });
    assert.deepEqual(
      first.results.map(({ index }) => index),
      [0, 2, 4],
    );
    assert.equal(first.next, 5);
    const second = await kit.storage.readResults({ jobId, wait: 1, from: first.next ?? 0, limit: 3 });
    assert.deepEqual(
      second.results.map(({ index }) => index),
      [5, 6],
    );
    assert.equal(second.next, null);
    assert.deepEqual(first.results[2]?.end, { ...failure(tasks[4] as TaskRecord), workerId: "w1" });
    assert.deepEqual(first.results[0], {
      ...{ jobId, wait: 1, index: 0, end: taskEnd(tasks[0] as TaskRecord, { workerId: "w1" }) },
      past: [{ attempt: 1, worker: "w1", answer: "success" }],
    });
    const none = await kit.storage.readResults({ jobId, wait: 2, from: 0, limit: 3 });
    assert.deepEqual([none.results, none.next], [[], null]);
    const unknown = await kit.storage.readResults({ jobId: kit.id(), wait: 1, from: 0, limit: 3 });
    assert.deepEqual([unknown.results, unknown.next], [[], null]);
  });

  check("results stay readable after the join and the job", async (kit) => {
    const tasks = await branches(kit, 2, "all");
    for (const task of tasks) await kit.apply(succeeded(task));
    const { job } = await kit.claimOne();
    await kit.commit(job, { next: "ended", status: "finished", endedAt: kit.now });
    const { results } = await kit.storage.readResults({ jobId: job.id, wait: 1, from: 0, limit: 10 });
    assert.equal(results.length, 2);
  });
}

/** A fan-out all of whose branches `w1` holds, by index. */
async function branches(kit: Kit, count: number, policy: Policy): Promise<TaskRecord[]> {
  const job = await kit.start();
  await kit.commit(job, awaitBranches(job, [{ count }], policy));
  return kit.take(count);
}

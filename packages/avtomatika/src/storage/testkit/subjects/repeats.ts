import assert from "node:assert/strict";
import { commit, newJob, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import { awaitBranches, awaitChild, awaitTask, end } from "#storage/testkit/steps";

/** A repeated commit gives the first answer and changes nothing. */
export function checkRepeats(check: Check): void {
  check("a repeated commit of a kept job", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job, { data: { n: 1 } }), lease: null };
    const first = await kit.storage.commitStep(step);
    const before = await kit.details(job.id);
    assert.deepEqual(await kit.storage.commitStep(step), first);
    assert.deepEqual(await kit.details(job.id), before);
  });

  check("a repeated commit that made the job ready", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job, { next: "ready" }), lease: null };
    const first = await kit.storage.commitStep(step);
    assert.deepEqual(await kit.storage.commitStep(step), first);
    assert.equal((await kit.claim()).jobs.length, 1);
  });

  check("a repeated commit that ended the job", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job, end(kit.now)), lease: null };
    const first = await kit.storage.commitStep(step);
    assert.deepEqual(await kit.storage.commitStep(step), first);
  });

  check("a repeated commit dispatches its task once", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job, awaitTask(job)), lease: null };
    const first = await kit.storage.commitStep(step);
    assert.deepEqual(await kit.storage.commitStep(step), first);
    const task = await kit.takeOne();
    assert.equal((await kit.storage.commitStep(step)).outcome, "committed");
    assert.deepEqual((await kit.poll()).tasks, []);
    await kit.apply(succeeded(task));
    assert.equal((await kit.storage.commitStep(step)).outcome, "committed");
    assert.equal((await kit.job(job.id)).event?.kind, "task");
    assert.deepEqual((await kit.poll()).tasks, []);
  });

  check("a repeated commit dispatches its branches once", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job, awaitBranches(job, [{ count: 3 }])), lease: null };
    await kit.storage.commitStep(step);
    const [task] = await kit.take(1);
    await kit.storage.commitStep(step);
    await kit.apply(succeeded(task as NonNullable<typeof task>));
    await kit.storage.commitStep(step);
    const rest = await kit.take(2, { worker: "w2" });
    assert.deepEqual(
      rest.map(({ index }) => index),
      [1, 2],
    );
    assert.equal((await kit.details(job.id)).join?.ok, 1);
  });

  check("a repeated commit creates and leases its child once", async (kit) => {
    const job = await kit.start();
    const child = newJob(kit.id(), { blueprint: "small" });
    const step = { commit: commit(job, awaitChild(job, child)), lease: kit.lease({ blueprints: ["small"] }) };
    const first = await kit.storage.commitStep(step);
    assert.equal(first.outcome === "committed" && first.leased[0]?.job.id, child.id);
    assert.deepEqual(await kit.storage.commitStep(step), first);
    assert.equal((await kit.job(child.id)).runs, 1);
  });

  check("a repeated commit resumes and leases the parent once", async (kit) => {
    const parent = await kit.start();
    const child = newJob(kit.id(), { blueprint: "small" });
    await kit.commit(parent, awaitChild(parent, child));
    const { job } = await kit.claimOne({ blueprints: ["small"] });
    const told = { jobId: child.id, outcome: "success", finalState: "start", result: 1, errorMessage: null } as const;
    const notify = { jobId: parent.id, event: { id: `child:${child.id}`, wait: 1, kind: "child", end: told } } as const;
    const step = { commit: commit(job, { ...end(kit.now), notify }), lease: kit.lease() };
    const first = await kit.storage.commitStep(step);
    assert.equal(first.outcome === "committed" && first.leased[0]?.job.id, parent.id);
    assert.deepEqual(await kit.storage.commitStep(step), first);
    assert.equal((await kit.job(parent.id)).runs, 1);
  });

  check("a repeated commit of an earlier version changes nothing", async (kit) => {
    const job = await kit.start();
    const step = commit(job, { id: "first", state: "second" });
    const { job: second } = await kit.commitLeasing(job, null, step);
    const third = await kit.commit(second, { id: "next", state: "third" });
    assert.equal((await kit.storage.commitStep({ commit: step, lease: null })).outcome, "lost");
    assert.deepEqual(await kit.job(job.id), third);
  });

  check("a commit's repeat is answered although a cancel came in between", async (kit) => {
    const job = await kit.start();
    const step = { commit: commit(job), lease: null };
    await kit.storage.commitStep(step);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const again = await kit.storage.commitStep(step);
    assert.equal(again.outcome, "committed");
    assert.equal(again.outcome === "committed" && again.job.cancel?.id, "x");
  });
}

import assert from "node:assert/strict";
import { commit, newInitial, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import { awaitDecision, awaitTask, end, quarantine } from "#storage/testkit/steps";

/** Storage.commitStep: its fences, and what the job becomes. */
export function checkCommit(check: Check): void {
  check("a commit writes the job as it was given", async (kit) => {
    const job = await kit.start();
    kit.advance(10);
    const head = {
      ...job.head,
      visit: 4,
      tries: 1,
      result: { value: { a: [1] } },
      children: ["c"],
      errorMessage: "oh",
    };
    const next = await kit.commit(job, { id: "step", state: "second", head, data: { x: { y: [null] } }, visit: 4 });
    assert.deepEqual(next, {
      ...job,
      ...{ version: 2, writer: "step", state: "second", head, updatedAt: kit.now, runs: 1 },
    });
    const details = await kit.details(job.id);
    assert.deepEqual([details.job, details.data], [next, { x: { y: [null] } }]);
  });

  check("a job that is kept stays leased under its claim", async (kit) => {
    const job = await kit.start();
    const next = await kit.commit(job, { next: "keep" });
    assert.deepEqual([next.lease, next.ready, next.wait], [job.lease, null, null]);
    assert.equal((await kit.commit(next)).version, 3);
  });

  check("a commit sets the count of runs back", async (kit) => {
    const lost = await kit.start({}, { ms: 10 });
    kit.advance(10);
    const { job } = await kit.claimOne();
    assert.deepEqual([job.id, job.runs], [lost.id, 2]);
    assert.equal((await kit.commit(job, { next: "ready" })).runs, 0);
    assert.equal((await kit.claimOne()).job.runs, 1);
  });

  check("a job that is given up is ready for whoever claims it", async (kit) => {
    const job = await kit.start();
    const next = await kit.commit(job, { next: "ready" });
    assert.equal(next.lease, null);
    assert.notEqual(next.ready, null);
    assert.equal((await kit.claimOne({ engine: "e2" })).job.id, job.id);
  });

  check("a job that waits isn't leased, ready or due", async (kit) => {
    const job = await kit.start();
    const next = await kit.commit(job, awaitDecision(job));
    const waits = [next.lease, next.ready, next.wait, next.due, next.status];
    assert.deepEqual(waits, [null, null, 1, null, "waiting_for_human"]);
    assert.deepEqual((await kit.claim()).jobs, []);
  });

  check("a job that ended is claimed by nobody", async (kit) => {
    const job = await kit.start();
    const next = await kit.commit(job, end(kit.now, kit.now + 1000));
    assert.deepEqual([next.lease, next.ready, next.wait, next.endedAt], [null, null, null, kit.now]);
    kit.advance(1000);
    const { jobs, purgeDue } = await kit.claim();
    assert.deepEqual([jobs, purgeDue], [[], true]);
  });

  check("a quarantined job keeps a wait and is never removed by itself", async (kit) => {
    const job = await kit.start();
    const next = await kit.commit(job, quarantine(job, kit.now));
    assert.deepEqual([next.wait, next.endedAt, next.status], [1, kit.now, "quarantined"]);
    kit.advance(10 ** 12);
    const { jobs, purgeDue, nextDue } = await kit.claim();
    assert.deepEqual([jobs, purgeDue, nextDue], [[], false, null]);
  });

  check("a commit from another version is lost", async (kit) => {
    const job = await kit.start();
    const next = await kit.commit(job, { id: "a" });
    const late = await kit.storage.commitStep({ commit: commit(job, { id: "b", state: "wrong" }), lease: null });
    assert.equal(late.outcome, "lost");
    assert.deepEqual(await kit.job(job.id), next);
  });

  check("a commit without the lease is lost", async (kit) => {
    const job = await kit.start();
    const forged = await kit.storage.commitStep({ commit: commit(job, { claim: "forged" }), lease: null });
    assert.equal(forged.outcome, "lost");
    const waiting = await kit.commit(job, awaitDecision(job));
    const unleased = await kit.storage.commitStep({ commit: commit(waiting), lease: null });
    assert.equal(unleased.outcome, "lost");
    assert.deepEqual(await kit.job(job.id), waiting);
  });

  check("a commit of an unknown job is lost", async (kit) => {
    const job = await kit.start();
    const reply = await kit.storage.commitStep({ commit: { ...commit(job), jobId: kit.id() }, lease: null });
    assert.equal(reply.outcome, "lost");
  });

  check("a step that doesn't know of a cancel is superseded and writes nothing", async (kit) => {
    const job = await kit.start();
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const marked = await kit.details(job.id);
    const step = commit(job, { ...awaitTask(job), data: { wrong: true } });
    const reply = await kit.storage.commitStep({ commit: step, lease: null });
    assert.deepEqual(reply, { outcome: "superseded", job: marked.job, now: kit.now });
    assert.deepEqual(await kit.details(job.id), marked);
    assert.equal((await kit.poll()).tasks.length, 0);
    const ended = await kit.commit(marked.job, end(kit.now, null, "cancelled"));
    assert.equal(ended.status, "cancelled");
  });

  check("data and initial data are written only when they are given", async (kit) => {
    const job = await kit.start();
    const second = await kit.commit(job, { data: { kept: 1 } });
    const initial = newInitial({ data: { checked: true } });
    const third = await kit.commit(second, { initial });
    assert.deepEqual((await kit.details(job.id)).data, { kept: 1 });
    await kit.commit(third, { data: {} });
    const details = await kit.details(job.id);
    assert.deepEqual([details.data, details.initial], [{}, initial]);
  });

  check("a commit consumes the message that closed the wait", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job));
    const task = await kit.takeOne();
    await kit.apply(succeeded(task));
    const { job: woken } = await kit.claimOne();
    assert.equal(woken.event?.kind, "task");
    const next = await kit.commit(woken);
    assert.deepEqual([next.event, next.closedBy], [null, woken.event?.id]);
  });

  check("a job that ends keeps what it waited for from being handed out", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, awaitTask(job));
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const { job: cancelled } = await kit.claimOne({ blueprints: [] });
    await kit.commit(cancelled, end(kit.now, null, "cancelled"));
    assert.equal((await kit.poll()).tasks.length, 0);
  });
}

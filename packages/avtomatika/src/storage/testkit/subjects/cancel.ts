import assert from "node:assert/strict";
import type { JobRecord } from "#core/job";
import { addressOf, judged, retried, succeeded } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitBranches, awaitDecision, awaitTask, end, quarantine, sleep } from "#storage/testkit/steps";

/** Storage.cancelJob, in every phase of a job. */
export function checkCancel(check: Check): void {
  const cancel = (kit: Kit, jobId: string, id = "x") => kit.storage.cancelJob({ jobId, id, lease: null });

  check("a pending job that is cancelled is claimed by any engine", async (kit) => {
    const id = await kit.create({ blueprint: "strange" });
    kit.advance(10);
    const reply = await cancel(kit, id);
    assert.deepEqual(reply, { outcome: "accepted", leased: null, running: false, now: kit.now });
    const { job } = await kit.claimOne({ blueprints: [] });
    assert.deepEqual([job.id, job.cancel], [id, { id: "x", at: kit.now }]);
    assert.deepEqual((await kit.claim({ blueprints: ["strange"] })).jobs, []);
    const ended = await kit.commit(job, end(kit.now, null, "cancelled"));
    assert.deepEqual([ended.status, ended.lease], ["cancelled", null]);
  });

  check("a ready job that is cancelled leaves its blueprint's queue", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, { next: "ready" });
    await cancel(kit, started.id);
    const fresh = await kit.start();
    assert.equal(fresh.runs, 1, "nobody of the blueprint waits any more");
    assert.equal((await kit.claimOne({ blueprints: [] })).job.id, started.id);
  });

  const waits: [string, (job: JobRecord, now: number) => object][] = [
    ["sleeps", (job, now) => sleep(job, now + 1000)],
    ["waits for a person", (job, now) => awaitDecision(job, now + 1000)],
    ["waits for a worker", (job) => awaitTask(job)],
    ["waits for branches", (job) => awaitBranches(job, [{ count: 3, dispatchTimeoutMs: 1000 }])],
  ];
  for (const [phase, step] of waits) {
    check(`a job that ${phase} is cancelled at once`, async (kit) => {
      const started = await kit.start();
      const job = await kit.commit(started, step(started, kit.now));
      const { outcome, running } = await cancel(kit, job.id);
      assert.deepEqual([outcome, running], ["accepted", false]);
      const marked = await kit.job(job.id);
      assert.deepEqual([marked.wait, marked.due, marked.event, marked.version], [null, null, null, job.version]);
      assert.deepEqual((await kit.poll({ limit: 9 })).tasks, [], "nothing is handed out any more");
      const { job: claimed } = await kit.claimOne({ blueprints: [] });
      await kit.commit(claimed, end(kit.now, null, "cancelled"));
      kit.advance(10_000);
      const after = await kit.claim();
      assert.deepEqual([after.jobs, after.tasks, after.nextDue], [[], [], null], "no timer is left");
    });
  }

  check("a waiting job may be leased by the cancel", async (kit) => {
    const started = await kit.start({ blueprint: "strange" });
    await kit.commit(started, awaitDecision(started));
    const lease = kit.lease({ blueprints: [] });
    const input = { jobId: started.id, id: "x", lease };
    const first = await kit.storage.cancelJob(input);
    assert.deepEqual([first.outcome, first.running], ["accepted", false]);
    assert.equal(first.leased?.job.lease?.claim, lease.claim);
    assert.equal(first.leased?.job.cancel?.id, "x");
    assert.deepEqual(await kit.storage.cancelJob(input), first, "a repeat gives the first answer");
    assert.equal((await kit.job(started.id)).runs, 1);
  });

  check("a running job is marked and keeps its lease", async (kit) => {
    const job = await kit.start();
    const { outcome, leased, running } = await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: kit.lease() });
    assert.deepEqual([outcome, leased, running], ["accepted", null, true]);
    const marked = await kit.job(job.id);
    assert.deepEqual([marked.lease, marked.status, marked.version], [job.lease, "running", job.version]);
    assert.deepEqual((await kit.claim({ blueprints: [] })).jobs, []);
  });

  check("a running job whose engine dies ends with any other engine", async (kit) => {
    const job = await kit.start({ blueprint: "strange" }, { ms: 1000 });
    await cancel(kit, job.id);
    kit.advance(1000);
    const { job: claimed } = await kit.claimOne({ blueprints: [] });
    assert.deepEqual([claimed.id, claimed.runs, claimed.cancel?.id], [job.id, 2, "x"]);
  });

  check("a second cancel is accepted and changes nothing", async (kit) => {
    const job = await kit.start();
    await cancel(kit, job.id, "first");
    const marked = await kit.job(job.id);
    kit.advance(10);
    assert.equal((await cancel(kit, job.id, "second")).outcome, "accepted");
    assert.equal((await cancel(kit, job.id, "first")).outcome, "accepted");
    assert.deepEqual(await kit.job(job.id), marked);
  });

  check("a cancel's repeat is accepted although the job has ended by it", async (kit) => {
    const job = await kit.start();
    await cancel(kit, job.id);
    await kit.commit(await kit.job(job.id), end(kit.now, null, "cancelled"));
    const again = await cancel(kit, job.id);
    assert.deepEqual([again.outcome, again.running, again.leased], ["accepted", false, null]);
    assert.equal((await cancel(kit, job.id, "other")).outcome, "ended");
  });

  check("a job that has ended, or that nobody knows, isn't cancelled", async (kit) => {
    const job = await kit.start();
    const ended = await kit.commit(job, end(kit.now));
    const late = await cancel(kit, job.id);
    assert.deepEqual([late.outcome, late.leased, late.running], ["ended", null, false]);
    assert.deepEqual(await kit.job(job.id), ended);
    const second = await kit.start();
    await kit.commit(second, quarantine(second, kit.now));
    assert.equal((await cancel(kit, second.id)).outcome, "ended");
    assert.deepEqual(await cancel(kit, kit.id()), { outcome: "unknown", leased: null, running: false, now: kit.now });
  });

  check("a task that is out is revoked and counts until its worker answers", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, awaitTask(started));
    const task = await kit.takeOne();
    await cancel(kit, started.id);
    const listed = await kit.storage.listRevoked({ shard: kit.shard });
    assert.deepEqual(listed.tasks, [{ worker: "w1", taskId: `${started.id}_1_0_1` }]);
    const { found } = await kit.storage.getTask({ address: addressOf(task) });
    assert.deepEqual([found?.task?.state, found?.job.cancelled, found?.task?.due], ["revoked", true, kit.now + 30_000]);
    assert.equal((await kit.poll({ capacity: 1 })).full, true);
    const answer = { ...succeeded(task), cancelled: true };
    assert.deepEqual(await kit.settle(answer), [{ outcome: "applied", answer: "cancelled", single: true }]);
    assert.equal((await kit.poll({ capacity: 1 })).full, false);
    assert.deepEqual((await kit.storage.listRevoked({ shard: kit.shard })).tasks, []);
  });

  check("a revoked task that nobody answers is dropped by the engine", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, awaitTask(started));
    await kit.takeOne();
    await cancel(kit, started.id);
    const { job } = await kit.claimOne();
    await kit.commit(job, end(kit.now, null, "cancelled"));
    kit.advance(29_999);
    assert.deepEqual((await kit.claim()).tasks, []);
    kit.advance(1);
    const due = (await kit.claim()).tasks[0] ?? assert.fail();
    assert.deepEqual([due.task?.state, due.job], ["revoked", { status: "cancelled", cancelled: true, ended: true }]);
    const drop = judged(due.task ?? assert.fail(), { kind: "drop" });
    await kit.apply(drop);
    await kit.settle(drop);
    assert.equal((await kit.poll({ limit: 0 })).open, 0);
    assert.equal((await kit.claim()).nextDue, null);
  });

  check("no result is applied after a cancel", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, awaitTask(started));
    const task = await kit.takeOne();
    await cancel(kit, started.id);
    const marked = await kit.job(started.id);
    assert.equal(await kit.reason(succeeded(task)), "cancelled");
    assert.deepEqual(await kit.job(started.id), marked);
    const { found } = await kit.storage.getTask({ address: addressOf(task) });
    assert.deepEqual([found?.result, found?.join.state, found?.join.ok], [null, "closed", 0]);
    const { standings } = await kit.storage.readStandings({ shard: kit.shard });
    assert.deepEqual(standings, [], "it says nothing of the worker");
  });

  check("no timer fires after a cancel", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, sleep(started, kit.now + 1000));
    await cancel(kit, started.id);
    kit.advance(1000);
    assert.equal((await kit.claimOne()).job.event, null);
  });

  check("a retry that is pending is withdrawn by a cancel", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, awaitTask(started));
    const task = await kit.takeOne();
    await kit.apply(retried(task, kit.now + 100));
    await cancel(kit, started.id);
    assert.equal((await kit.job(started.id)).status, "running");
    kit.advance(100);
    assert.deepEqual((await kit.poll()).tasks, []);
    assert.deepEqual((await kit.claim()).tasks, []);
  });

  check("a decision and a cancel: one of them wins", async (kit) => {
    const started = await kit.start();
    await kit.commit(started, awaitDecision(started));
    await kit.storage.deliver({ jobId: started.id, event: { id: "r", wait: 1, kind: "due" }, lease: null });
    await cancel(kit, started.id);
    const { job } = await kit.claimOne({ blueprints: [] });
    assert.equal(job.cancel?.id, "x", "from now on only a step that knows of it can commit");
  });
}

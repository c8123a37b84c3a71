import assert from "node:assert/strict";
import type { JobRecord } from "#core/job";
import { decision } from "#storage/testkit/builders";
import type { Check } from "#storage/testkit/check";
import type { Kit } from "#storage/testkit/kit";
import { awaitDecision, end, quarantine } from "#storage/testkit/steps";

/** Storage.deliver: messages that close a wait. */
export function checkWaits(check: Check): void {
  check("a decision closes its wait and makes the job ready", async (kit) => {
    const job = await waiting(kit);
    kit.advance(10);
    const event = decision("d1", 1, { decision: "no", metadata: { by: ["a"] } });
    const reply = await kit.storage.deliver({ jobId: job.id, event, lease: null });
    assert.deepEqual(reply, { outcome: "accepted", leased: null, now: kit.now });
    const { job: woken } = await kit.claimOne();
    assert.deepEqual([woken.event, woken.closedBy, woken.wait, woken.due], [event, "d1", null, null]);
    assert.deepEqual([woken.status, woken.runs, woken.version, woken.updatedAt], ["running", 1, job.version, kit.now]);
  });

  check("a decision may lease the job at once", async (kit) => {
    const job = await waiting(kit);
    const lease = kit.lease({ ms: 900 });
    const { leased } = await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease });
    assert.deepEqual(leased?.job.lease, { engine: "e1", claim: lease.claim, until: kit.now + 900 });
    assert.deepEqual(leased?.job.event, decision("d", 1));
    assert.deepEqual(leased?.data, (await kit.details(job.id)).data);
    assert.deepEqual((await kit.claim()).jobs, []);
  });

  check("a decision leases nothing while others of the blueprint wait", async (kit) => {
    const job = await waiting(kit);
    await kit.create();
    const reply = await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease: kit.lease() });
    assert.deepEqual([reply.outcome, reply.leased], ["accepted", null]);
    assert.equal((await kit.claimOne({ limit: 1 })).job.id, job.id, "it was begun");
  });

  check("a repeated decision gives the first answer", async (kit) => {
    const job = await waiting(kit);
    const input = { jobId: job.id, event: decision("d", 1), lease: kit.lease() };
    const first = await kit.storage.deliver(input);
    assert.deepEqual(await kit.storage.deliver(input), first);
    assert.equal((await kit.job(job.id)).runs, 1);
    await kit.commit(first.leased?.job as JobRecord, { next: "ready" });
    const late = await kit.storage.deliver(input);
    assert.equal(late.outcome, "accepted", "also after the step consumed it");
    assert.equal(late.leased, null);
  });

  check("the first decision counts", async (kit) => {
    const job = await waiting(kit);
    await kit.storage.deliver({ jobId: job.id, event: decision("d1", 1), lease: null });
    const second = await kit.storage.deliver({
      jobId: job.id,
      event: decision("d2", 1, { decision: "no" }),
      lease: null,
    });
    assert.deepEqual([second.outcome, second.leased], ["closed", null]);
    assert.equal((await kit.job(job.id)).closedBy, "d1");
    assert.deepEqual((await kit.job(job.id)).event, decision("d1", 1));
  });

  check("a decision for another wait is refused", async (kit) => {
    const job = await waiting(kit);
    for (const wait of [0, 2]) {
      const reply = await kit.storage.deliver({ jobId: job.id, event: decision("d", wait), lease: kit.lease() });
      assert.deepEqual([reply.outcome, reply.leased], ["closed", null]);
    }
    assert.deepEqual(await kit.job(job.id), job);
  });

  check("a decision for a job that doesn't wait is refused", async (kit) => {
    const job = await kit.start();
    const running = await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease: null });
    assert.equal(running.outcome, "closed");
    await kit.commit(job, end(kit.now));
    const ended = await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease: null });
    assert.equal(ended.outcome, "ended");
    const unknown = await kit.storage.deliver({ jobId: kit.id(), event: decision("d", 1), lease: null });
    assert.deepEqual(unknown, { outcome: "unknown", leased: null, now: kit.now });
  });

  check("a decision after a cancel is refused", async (kit) => {
    const job = await waiting(kit);
    await kit.storage.cancelJob({ jobId: job.id, id: "x", lease: null });
    const reply = await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease: kit.lease() });
    assert.deepEqual([reply.outcome, reply.leased], ["closed", null]);
  });

  check("a decision before the deadline stops the timer", async (kit) => {
    const job = await waiting(kit, kit.now + 1000);
    await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease: null });
    kit.advance(1000);
    const { job: woken } = await kit.claimOne();
    assert.equal(woken.event?.kind, "decision");
  });

  check("a decision after the deadline is too late once the timer was noticed", async (kit) => {
    const job = await waiting(kit, kit.now + 1000);
    kit.advance(1000);
    const { job: woken } = await kit.claimOne();
    assert.equal(woken.event?.kind, "due");
    const reply = await kit.storage.deliver({ jobId: job.id, event: decision("d", 1), lease: null });
    assert.equal(reply.outcome, "closed");
  });

  check("a requeue wakes a quarantined job for an engine that knows it", async (kit) => {
    const job = await kit.start();
    const quarantined = await kit.commit(job, quarantine(job, kit.now));
    const event = { id: "r", wait: 1, kind: "requeue", state: "other", patch: { a: null } } as const;
    const reply = await kit.storage.deliver({ jobId: job.id, event, lease: null });
    assert.equal(reply.outcome, "accepted");
    assert.deepEqual((await kit.claim({ blueprints: [] })).jobs, []);
    const { job: woken } = await kit.claimOne();
    assert.deepEqual([woken.status, woken.endedAt, woken.event], ["quarantined", quarantined.endedAt, event]);
    const next = await kit.commit(woken, { status: "running", endedAt: null });
    assert.deepEqual([next.status, next.endedAt], ["running", null]);
  });

  check("a requeued job survives the loss of its engine", async (kit) => {
    const job = await kit.start();
    await kit.commit(job, quarantine(job, kit.now));
    const event = { id: "r", wait: 1, kind: "requeue", state: null, patch: undefined } as const;
    await kit.storage.deliver({ jobId: job.id, event, lease: null });
    await kit.claimOne({ ms: 100 });
    kit.advance(100);
    const { job: again } = await kit.claimOne();
    assert.deepEqual([again.runs, again.event?.kind], [2, "requeue"]);
  });

  check("a discard needs no blueprint", async (kit) => {
    const job = await kit.start({ blueprint: "gone" });
    await kit.commit(job, quarantine(job, kit.now));
    const event = { id: "x", wait: 1, kind: "discard" } as const;
    const lease = kit.lease({ blueprints: [] });
    const { leased } = await kit.storage.deliver({ jobId: job.id, event, lease });
    assert.equal(leased?.job.event?.kind, "discard");
    const woken = leased?.job ?? assert.fail();
    const head = { ...woken.head, discardedAt: kit.now };
    await kit.commit(woken, { ...end(kit.now, kit.now + 50), status: "quarantined", head });
    const second = await kit.storage.deliver({ jobId: job.id, event: { ...event, id: "y" }, lease: null });
    assert.equal(second.outcome, "ended");
  });
}

async function waiting(kit: Kit, due: number | null = null): Promise<JobRecord> {
  const job = await kit.start();
  return kit.commit(job, awaitDecision(job, due));
}
